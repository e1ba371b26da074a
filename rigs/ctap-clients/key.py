"""The simulated security key as a device of python-fido2."""

import struct
import subprocess

from fido2.ctap import CtapDevice, CtapError
from fido2.hid import CAPABILITY, CTAPHID


class SimulatedKey(CtapDevice):
    def __init__(self, binary, *device):
        self.process = subprocess.Popen([binary, *device], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    @property
    def capabilities(self):
        return CAPABILITY.CBOR

    def call(self, cmd, data=b"", event=None, on_keepalive=None):
        if cmd != CTAPHID.CBOR:
            raise CtapError(CtapError.ERR.INVALID_COMMAND)
        return self.exchange(data)

    def exchange(self, message):
        self.process.stdin.write(struct.pack(">I", len(message)) + message)
        self.process.stdin.flush()
        (length,) = struct.unpack(">I", self.process.stdout.read(4))
        return self.process.stdout.read(length)

    def power_cycle(self):
        self.exchange(b"\xf0")

    def wait(self, milliseconds):
        self.exchange(b"\xf1" + struct.pack(">Q", milliseconds))

    def built_in_verification(self, there):
        self.exchange(b"\xf2" + bytes([there]))

    def finger(self, there):
        self.exchange(b"\xf3" + bytes([there]))

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)

    @classmethod
    def list_devices(cls):
        return iter(())
