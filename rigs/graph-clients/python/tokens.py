"""Access tokens for a run that outlives them. A session is a file: where tokens are had, and the form to send."""

import json
from pathlib import Path

import requests


def begin(file, endpoint, form):
    Path(file).write_text(json.dumps({"endpoint": endpoint, "form": form}), encoding="utf-8")


def fresh(file):
    """A new access token; a refresh token that was exchanged is kept for the next time."""
    session = json.loads(Path(file).read_text(encoding="utf-8"))
    answer = requests.post(session["endpoint"], data=session["form"], timeout=30)
    assert answer.status_code == 200, answer.text
    held = answer.json()
    if "refresh_token" in session["form"]:
        session["form"]["refresh_token"] = held["refresh_token"]
        Path(file).write_text(json.dumps(session), encoding="utf-8")
    return held["access_token"]
