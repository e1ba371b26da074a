"""Lets Python import from wheels as they are. usage: packed.py WHEEL...

`zipimport` finds a package without an `__init__.py` only where its folder has an entry of its own, and wheels have none for folders.
"""

import sys
import zipfile

for path in sys.argv[1:]:
    with zipfile.ZipFile(path, "a") as wheel:
        names = set(wheel.namelist())
        folders = {name[: at + 1] for name in names for at, letter in enumerate(name) if letter == "/"}
        for folder in sorted(folders - names):
            wheel.writestr(folder, b"")
