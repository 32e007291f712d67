"""The Watcher of alarms, as far as scripts mute it."""
