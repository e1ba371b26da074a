"""The authenticator's side of hybrid transport through the boundary, with a client that is written from the specification."""

from authenticator_ffi import CrossDeviceSwitch, HybridFault, RadioState, ScannedCode
from fido2.ctap2 import Ctap2

from app import ERR, RP, App, Wire, enrolled, equal, phones, raised, refused
from computer import CTAP, SHUTDOWN, UPDATE, Computer

NOW = 1_790_000_000
ROUTING = "0a0B0c"


class Tunnel(Wire):
    """A computer in front of the app: what python-fido2 asks for goes through the encrypted channel."""

    def __init__(self, app, flow="ga"):
        self.computer = Computer()
        code = ScannedCode.read(self.computer.code(flow, NOW), NOW)
        self.session = app.core.answer_code(code, 266)
        assert self.session.tunnel_url().startswith("wss://cable.wufkweyy3uaxb.com/cable/new/")
        advert = self.session.advert(ROUTING)
        equal(self.computer.hear_advert(advert), (bytes.fromhex(ROUTING), 266))

    def shake(self):
        step = self.session.hear(self.computer.call())
        answer, greeting = step.frames
        assert not step.ended
        self.computer.shaken(answer)
        self.greeting = self.computer.greeting(greeting)
        return self

    def call(self, cmd, data=b"", event=None, on_keepalive=None):
        frames = self.session.hear(self.computer.frame(CTAP, data)).frames
        kinds = [self.computer.read(frame) for frame in frames]
        equal([kind for kind, _ in kinds], [CTAP, UPDATE][: len(kinds)])
        return kinds[0][1]


def through(app, tunnel):
    app.client = Ctap2(tunnel)
    return app


def a_registration_and_a_sign_in_go_through_the_encrypted_channel():
    for phone in phones():
        app = App(phone)
        tunnel = Tunnel(app, "mc").shake()
        assert tunnel.greeting[1] == app.core.handle(b"\x04", app.wire.front)[1:]
        kept = through(app, tunnel).register(RP, "ada")
        equal(kept.format, "android-key" if phone.serial == 1 else "packed")
        step = tunnel.session.hear(tunnel.computer.frame(SHUTDOWN))
        equal((step.frames, step.ended), ([], True))
        raised(HybridFault.OutOfOrder, tunnel.session.hear, b"")
        through(app, Tunnel(app).shake()).sign_in(kept)


def who_did_not_hear_the_advert_gets_no_answer():
    for phone in phones():
        app = App(phone)
        tunnel = Tunnel(app)
        tunnel.computer.psk = bytes(32)
        raised(HybridFault.Channel, tunnel.session.hear, tunnel.computer.call())
        raised(HybridFault.OutOfOrder, tunnel.session.hear, tunnel.computer.call())
        equal(phone.person.prompts, [])


def a_changed_frame_ends_the_session_and_asks_nobody():
    for phone in phones():
        app = App(phone)
        tunnel = Tunnel(app).shake()
        frame = bytearray(tunnel.computer.frame(CTAP, b"\x02\xa0"))
        frame[3] ^= 1
        raised(HybridFault.Channel, tunnel.session.hear, bytes(frame))
        raised(HybridFault.OutOfOrder, tunnel.session.hear, bytes(frame))
        equal(phone.person.prompts, [])


def commands_that_manage_the_authenticator_do_not_come_from_elsewhere():
    for phone in phones():
        app = through(App(phone), Tunnel(App(phone)).shake())
        refused(ERR.INVALID_COMMAND, app.client.selection)
        equal(phone.person.confirmations, 0)


def a_request_from_elsewhere_needs_the_switch_for_other_devices():
    for phone in phones():
        app = App(phone)
        blocked = CrossDeviceSwitch.BLOCKED
        app.decide(enrolled=[enrolled(RP, cross_device_registration=blocked)])
        through(app, Tunnel(app, "mc").shake())
        refused(ERR.NOT_ALLOWED, app.register, RP, "ada")
        equal((app.refusal(), len(phone.hardware.keys)), ("cross_device_blocked", 0))


def radio_that_goes_off_during_a_session_is_noticed():
    for phone in phones():
        app = App(phone)
        through(app, Tunnel(app, "mc").shake())
        phone.radio = RadioState.OFF
        refused(ERR.NOT_ALLOWED, app.register, RP, "ada")
        equal(app.refusal(), "bluetooth_off")


def silence_has_an_end():
    for phone in phones():
        app = App(phone)
        tunnel = Tunnel(app)
        equal(tunnel.session.deadline_ms(), 90_000)
        phone.now = 90_001
        raised(HybridFault.TookTooLong, tunnel.session.hear, tunnel.computer.call())
        equal(tunnel.session.deadline_ms(), None)


def steps_have_one_order():
    app = App(phones()[0])
    code = ScannedCode.read(Computer().code("ga", NOW), NOW)
    session = app.core.answer_code(code, 0)
    raised(HybridFault.OutOfOrder, session.hear, bytes(81))
    for text in ("", "0a0b", "0a0b0c0d", "xyzxyz"):
        raised(HybridFault.RoutingId, session.advert, text)
    session.advert(ROUTING)
    raised(HybridFault.OutOfOrder, session.advert, ROUTING)
    session.end()
    raised(HybridFault.OutOfOrder, session.hear, bytes(81))
    raised(HybridFault.UnknownTunnelService, app.core.answer_code, code, 2)


def a_session_asks_for_few_things():
    app = App(phones()[0])
    tunnel = Tunnel(app).shake()
    for _ in range(8):
        tunnel.call(None, b"\x04")
    request = tunnel.computer.frame(CTAP, b"\x04")
    raised(HybridFault.TooManyRequests, tunnel.session.hear, request)
