"""`python -m cscsim` is the command `cscsim`."""

from cscsim.command_line import main

if __name__ == "__main__":
    main(prog_name="cscsim")
