// A conversation with another device, from its QR code to the end: carries bytes between the tunnel, the radio and HybridSession.
//
// Compiled by rigs/bindings; not compiled for a phone or run on one here. It needs no Android: sockets and radio come through the two
// interfaces below (AndroidRadio.kt; a WebSocket of the app's network library).

import uniffi.authenticator_ffi.HybridFault
import uniffi.authenticator_ffi.PasskeyApp
import uniffi.authenticator_ffi.ScannedCode

/** A WebSocket with the subprotocol `fido.cable`, binary frames only, over TLS that is verified as everywhere else. */
interface Tunnel : AutoCloseable {
    /** The header `X-caBLE-Routing-ID` of the service's answer. */
    val routingId: String

    fun send(frame: ByteArray)

    /** The next frame, or null when the other side has closed or nothing has come for so many milliseconds. */
    fun receive(withinMs: Long): ByteArray?
}

/** Puts service data on the air until it is closed. */
fun interface Advertiser {
    fun advertise(serviceData: ByteArray): AutoCloseable
}

class TunnelRun(
    private val app: PasskeyApp,
    private val open: (url: String) -> Tunnel,
    private val advertiser: Advertiser,
    private val nowMs: () -> ULong,
) {
    /**
     * Returns when the other side has said that this was all, and throws otherwise. The window that catches it tells app.couldNotConnect how
     * far it came (ConnectionFacts), and shows the sentence that comes back.
     */
    fun answer(code: ScannedCode, tunnelDomain: UShort) {
        // Refuses before anything is sent if Bluetooth or the internet is missing (R5).
        app.answerCode(code, tunnelDomain).use { session ->
            open(session.tunnelUrl()).use { tunnel ->
                val advert = session.advert(tunnel.routingId)
                // On the air until the first frame: from then on nobody else can join.
                val onAir = advertiser.advertise(advert)
                val first = try {
                    tunnel.receive(left(session.deadlineMs()))
                } finally {
                    onAir.close()
                }
                var frame = first
                while (true) {
                    val step = session.hear(frame ?: throw HybridFault.TookTooLong())
                    step.frames.forEach(tunnel::send)
                    if (step.ended) {
                        return
                    }
                    frame = tunnel.receive(left(session.deadlineMs()))
                }
            }
        }
    }

    private fun left(deadline: ULong?): Long {
        val now = nowMs()
        return if (deadline == null || deadline < now) 0 else (deadline - now).toLong()
    }
}
