"""The page of the console, alone: what a browser makes of the files below `cscsim/console/static`."""
