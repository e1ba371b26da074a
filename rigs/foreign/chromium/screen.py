"""A screen of its own, a Chromium on it, and the QR code that it shows."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from stage import call, end_all, start

PATIENCE = 90


def display():
    reading, writing = os.pipe()
    start(["Xvfb", "-displayfd", writing, "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
          pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as numbers:
        return ":" + numbers.readline().strip()


def surroundings(folder, bus, screen, ca):
    """The environment of a Chromium that trusts our authority and hears our air."""
    home = folder / "home"
    store = home / ".pki/nssdb"
    store.mkdir(parents=True)
    call(["certutil", "-d", f"sql:{store}", "-N", "--empty-password"])
    call(["certutil", "-d", f"sql:{store}", "-A", "-t", "C,,", "-n", "rig", "-i", ca])
    environment = dict(os.environ, HOME=str(home), DISPLAY=screen, DBUS_SYSTEM_BUS_ADDRESS=bus)
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    return environment


def arguments(folder, page):
    return ["chromium", "--no-sandbox", f"--user-data-dir={folder / 'profile'}", "--password-store=basic", "--no-first-run",
            "--disable-gpu", "--enable-logging=stderr", "--vmodule=*fido*=3,*cable*=3", "--window-size=1200,960", page]


def next_code(folder, screen, seen):
    """The QR code on the screen that was not there before."""
    shot = folder / "shot.png"
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        subprocess.run(["import", "-display", screen, "-window", "root", str(shot)], check=False, capture_output=True)
        read = subprocess.run(["zbarimg", "-q", "--raw", str(shot)], check=False, capture_output=True, text=True)
        for line in read.stdout.splitlines():
            if line.startswith("FIDO:/") and line not in seen:
                seen.add(line)
                return line
        time.sleep(0.2)
    raise SystemExit("no QR code appeared on the screen")


def complaints(log):
    """What the browser says against its peer."""
    text = pathlib.Path(log).read_text(encoding="utf-8", errors="replace")
    known = ("invalid shutdown frame", "handshake failed", "decryption failed", "invalid update frame")
    return [complaint for complaint in known if complaint in text]


def play(name, story):
    """Plays a story in a folder of its own. Whatever comes of it, what was started ends; the browser's log outlives a failure."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"rig-{name}-"))
    try:
        story(folder)
    except BaseException:
        kept = folder.with_name(folder.name + ".log")
        if (folder / "chromium.log").exists():
            shutil.copy(folder / "chromium.log", kept)
            print(f"the browser's log is in {kept}", file=sys.stderr)
        raise
    finally:
        end_all()
        shutil.rmtree(folder, ignore_errors=True)
