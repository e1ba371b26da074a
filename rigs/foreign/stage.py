"""What rigs with programs of others stand on: processes that end with this one, a network and names of their own, certificates, a
stand-in for Bluetooth, and the server. Meant for a fresh network and mount namespace."""

import os
import subprocess
import threading

DOMAIN = "266"
TUNNEL = "cable.wufkweyy3uaxb.com"

running = []


def start(arguments, **more):
    process = subprocess.Popen([str(word) for word in arguments], text=True, **more)
    running.append(process)
    return process


def call(arguments, **more):
    return subprocess.run([str(word) for word in arguments], check=True, capture_output=True, text=True, **more)


def ok(what):
    print("ok", what, flush=True)


def end(process):
    """Who reads an input ends with it, and takes along what it started; others are asked to."""
    try:
        if process.stdin:
            process.stdin.close()
        else:
            process.terminate()
        process.wait(10)
    except (subprocess.TimeoutExpired, BrokenPipeError):
        process.kill()


def end_all():
    for process in reversed(running):
        end(process)


def network(folder, more=""):
    """A loopback of our own, and names that lead to it."""
    call(["ip", "link", "set", "lo", "up"])
    hosts = folder / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {TUNNEL} cable.ua5v.com\n{more}")
    call(["mount", "--bind", hosts, "/etc/hosts"])


def certificates(folder, more=""):
    """An authority and a certificate for the tunnel service."""
    ca, key, cert = folder / "ca.pem", folder / "key.pem", folder / "cert.pem"
    config = folder / "names.cnf"
    config.write_text(f"subjectAltName=DNS:localhost,DNS:{TUNNEL}{more}\nextendedKeyUsage=serverAuth\n")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    call(["openssl", "req", "-x509", *curve, "-keyout", folder / "ca.key", "-out", ca, "-days", "2", "-subj", "/CN=rig"])
    call(["openssl", "req", *curve, "-keyout", key, "-out", folder / "cert.csr", "-subj", "/CN=rig server"])
    call(["openssl", "x509", "-req", "-in", folder / "cert.csr", "-CA", ca, "-CAkey", folder / "ca.key", "-CAcreateserial",
          "-out", cert, "-days", "2", "-extfile", config])
    return ca, cert, key


def air(folder):
    """The address of a bus with one adapter."""
    process = start([os.environ["AIRWAVES"], folder / "air"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    return process.stdout.readline().strip()


def server(folder, cert, key):
    """The server with its relay, on port 443."""
    process = start([os.environ["KEYWARD"], "serve", "--data", folder / "data", "--listen", "127.0.0.1:443",
                     "--public-url", "https://localhost", "--cert", cert, "--key", key,
                     "--relay-enabled", "true", "--relay-domain", DOMAIN],
                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for line in process.stdout:
        if line.startswith("listening on"):
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return
    raise SystemExit("the server did not start")
