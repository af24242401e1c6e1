"""`python -m siglum` is the command."""

from siglum.cli.main import main

main()
