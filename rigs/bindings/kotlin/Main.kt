// Kotlin through the real boundary: a line `ok` or `FAILED` per step.

import java.math.BigInteger
import java.nio.ByteBuffer
import java.nio.file.Files
import java.nio.file.Path
import java.security.AlgorithmParameters
import java.security.KeyFactory
import java.security.MessageDigest
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import java.security.spec.ECParameterSpec
import java.security.spec.ECPoint
import java.security.spec.ECPublicKeySpec
import kotlin.system.exitProcess
import uniffi.authenticator_ffi.*

const val RP = "login.contoso.com"
const val NOT_ALLOWED = 0x30
const val NO_CREDENTIALS = 0x2e
const val OPERATION_DENIED = 0x27
const val OTHER = 0x7f

/** A code whose key is the generator of the curve. */
const val CODE = "FIDO:/065915856528344706988414377066158568188019158804156146138044907528874302198829127798400564050807330498025421010491811870057950297627316236094430194303746107096654083332"
const val CODE_MADE_AT = 1_790_000_000UL

class Refused(val status: Int) : Exception("status 0x%02x".format(status))

class Kept(val id: ByteArray, val x: ByteArray, val y: ByteArray, var counter: Int)

/** An app on a phone, fresh unless its parts are those of another, and a relying party that verifies with java.security. */
class World(val keyStore: SoftwareKeyStore = SoftwareKeyStore(), val folder: Path = Files.createTempDirectory("keyward-bindings")) {
    val verifier = SoftwareVerifier(keyStore)
    val surroundings = SoftwareSurroundings()
    val shelf = FileShelf(folder)
    val app = PasskeyApp(
        keyStore,
        verifier,
        surroundings,
        shelf,
        DeviceDescription(
            deviceId = ByteArray(16) { 7 },
            aaguid = "keyward-jvm-rig-".toByteArray(),
            system = SystemBelow.Android(15u, true),
            attestation = AttestationKind.NONE,
        ),
        defaultPolicy().also {
            it.enrolled = listOf(
                EnrolledParty(RP, null, CrossDeviceSwitch.ALLOWED, CrossDeviceSwitch.ALLOWED, false)
            )
        },
    )

    private fun send(command: Int, map: Map<Int, Any>): Map<*, *> {
        val answer = app.handle(byteArrayOf(command.toByte()) + encode(map), RequestFront.LOCAL)
        if (answer[0] != 0.toByte()) throw Refused(answer[0].toInt())
        val buffer = ByteBuffer.wrap(answer, 1, answer.size - 1)
        return (decode(buffer) as Map<*, *>).also { check(!buffer.hasRemaining()) }
    }

    fun register(user: String, rpId: String = RP): Kept {
        val hash = sha256("create $user".toByteArray())
        val made = send(
            1,
            mapOf(
                1 to hash,
                2 to mapOf("id" to rpId),
                3 to mapOf("id" to user.toByteArray(), "name" to user),
                4 to listOf(mapOf("alg" to -7, "type" to "public-key")),
                7 to mapOf("rk" to true, "uv" to true),
            ),
        )
        equal(made[1], "none")
        val data = made[2] as ByteArray
        presentAndVerified(data, rpId)
        val length = ByteBuffer.wrap(data, 53, 2).getShort().toInt()
        val id = data.copyOfRange(55, 55 + length)
        val key = decode(ByteBuffer.wrap(data, 55 + length, data.size - 55 - length)) as Map<*, *>
        equal(listOf(key[1], key[3], key[-1]), listOf(2, -7, 1))
        return Kept(id, key[-2] as ByteArray, key[-3] as ByteArray, 0)
    }

    fun signIn(kept: Kept) {
        val hash = sha256("get".toByteArray())
        val allowed = listOf(mapOf("id" to kept.id, "type" to "public-key"))
        val asserted = send(2, mapOf(1 to RP, 2 to hash, 3 to allowed, 5 to mapOf("uv" to true)))
        val data = asserted[2] as ByteArray
        presentAndVerified(data, RP)
        val verifies = Signature.getInstance("SHA256withECDSA").run {
            initVerify(publicKey(kept))
            update(data + hash)
            verify(asserted[3] as ByteArray)
        }
        check(verifies) { "the signature is wrong" }
        val counter = ByteBuffer.wrap(data, 33, 4).getInt()
        check(counter > kept.counter) { "the counter stands at $counter" }
        kept.counter = counter
    }
}

fun presentAndVerified(data: ByteArray, rpId: String) {
    check(data.copyOf(32).contentEquals(sha256(rpId.toByteArray()))) { "another relying party" }
    val flags = data[32].toInt()
    equal(flags and 0x05, 0x05)
    // Neither eligible for backup nor backed up.
    equal(flags and 0x18, 0)
}

fun publicKey(kept: Kept) = AlgorithmParameters.getInstance("EC").run {
    init(ECGenParameterSpec("secp256r1"))
    val point = ECPoint(BigInteger(1, kept.x), BigInteger(1, kept.y))
    KeyFactory.getInstance("EC").generatePublic(ECPublicKeySpec(point, getParameterSpec(ECParameterSpec::class.java)))
}

fun sha256(bytes: ByteArray): ByteArray = MessageDigest.getInstance("SHA-256").digest(bytes)

fun equal(found: Any?, expected: Any?) = check(found == expected) { "$found instead of $expected" }

fun refused(status: Int, act: () -> Unit) {
    val found = try {
        act()
        null
    } catch (refused: Refused) {
        refused.status
    }
    equal(found, status)
}

inline fun <reified E : Exception> thrown(act: () -> Unit): E {
    try {
        act()
    } catch (error: Exception) {
        return error as? E ?: throw error
    }
    error("${E::class.simpleName} was not thrown")
}

val steps = linkedMapOf<String, () -> Unit>(
    "a registration and three sign-ins are verified by java.security" to {
        val world = World()
        val kept = world.register("ada")
        repeat(3) { world.signIn(kept) }
        equal(kept.counter, 3)
        equal(world.verifier.prompts.map { it.purpose to it.rpId }.distinct(), listOf(PromptPurpose.REGISTER to RP, PromptPurpose.SIGN_IN to RP))
        equal(world.app.list().map { it.account to it.condition }, listOf("ada" to PasskeyCondition.Usable))
    },
    "StrongBox that throws late leaves one key, in the trusted environment" to {
        val world = World()
        world.keyStore.strongBoxThrows = true
        world.signIn(world.register("ada"))
        equal(world.keyStore.levels.values.toList(), listOf(KeyLevel.TRUSTED_ENVIRONMENT))
    },
    "without secure hardware there is no passkey" to {
        val world = World()
        world.keyStore.offered = listOf(KeyLevel.SOFTWARE)
        refused(NOT_ALLOWED) { world.register("ada") }
        equal(world.app.lastRefusal(), "no_secure_hardware")
        equal(Triple(world.keyStore.keys.size, world.shelf.entries().size, world.verifier.prompts.size), Triple(0, 0, 0))
    },
    "passkeys are there after the app was ended and started again, and a damaged file is no empty one" to {
        val first = World()
        val kept = first.register("ada")
        first.register("bea")
        first.signIn(kept)
        val second = World(first.keyStore, first.folder)
        second.signIn(kept)
        equal(kept.counter, 2)
        equal(second.app.list().map { it.account }, listOf("bea", "ada"))
        check(second.app.forget(kept.id) && !second.app.forget(kept.id))
        Files.write(first.folder.resolve("passkeys"), ByteArray(7) { 1 })
        thrown<AppException.ShellFailed> { second.app.list() }
        refused(OTHER) { second.register("ada") }
    },
    "a screen lock that was removed ends the passkey and its key" to {
        val world = World()
        val kept = world.register("ada")
        world.verifier.lock = null
        refused(NO_CREDENTIALS) { world.signIn(kept) }
        equal(world.app.lastRefusal(), "no_longer_valid")
        equal(world.app.list().single().condition, PasskeyCondition.NoLongerValid(EndedBecause.LOCK_REMOVED))
        equal(world.keyStore.keys.size, 0)
        refused(NOT_ALLOWED) { world.register("bea") }
        equal(world.app.lastRefusal(), "screen_lock_required")
    },
    "a name that looks like the enrolled one is refused before anybody is asked" to {
        val world = World()
        refused(NOT_ALLOWED) { world.register("ada", "login.c0ntoso.com") }
        equal(world.app.lastRefusal(), "look_alike")
        equal(world.app.incidents().map { it.code }, listOf("look_alike"))
        equal(world.verifier.prompts.size, 0)
    },
    "what the shell throws opens nothing, and is noted" to {
        val world = World()
        val kept = world.register("ada")
        world.verifier.throws = true
        refused(OPERATION_DENIED) { world.signIn(kept) }
        check("verify" in world.app.failedCalls())
        world.verifier.throws = false
        world.signIn(kept)
    },
    "a QR code that is none is refused with its reason, and none is answered without Bluetooth" to {
        val texts = sentences().associate { it.code to it.text }
        for ((text, reason) in listOf("otpauth://totp/ada" to "code_one_time_password", "FIDO:/12" to "code_digits", CODE to "clocks_differ")) {
            val fault = thrown<CodeFault.NotACode> { ScannedCode.read(text, 0UL) }
            equal(fault.code to fault.text, reason to texts[reason])
        }
        val world = World()
        equal(world.app.crossDeviceRefusal(), null)
        val code = ScannedCode.read(CODE, CODE_MADE_AT)
        equal(code.purpose() to code.question().code, CodePurpose.SIGN_IN to "scanned_sign_in")
        var opened = 0
        var onAir = 0
        val silent = object : Tunnel {
            override val routingId = "0a0b0c"
            override fun send(frame: ByteArray) = error("there is nothing to answer")
            override fun receive(withinMs: Long): ByteArray? = null.also { check(withinMs in 89_000..90_000 && onAir == 1) }
            override fun close() { opened -= 1 }
        }
        val run = TunnelRun(
            world.app,
            open = { url -> silent.also { check(url.startsWith("wss://cable.ua5v.com/cable/new/")).also { opened += 1 } } },
            advertiser = { advert -> equal(advert.size, 20).let { onAir += 1 }.let { AutoCloseable { onAir -= 1 } } },
            nowMs = world.surroundings::nowMs,
        )
        thrown<HybridFault.TookTooLong> { run.answer(code, 0u) }
        equal(opened to onAir, 0 to 0)
        world.surroundings.radio = RadioState.OFF
        opened = -1
        equal(thrown<HybridFault.Refused> { run.answer(code, 0u) }.code, "bluetooth_off")
        equal(opened, -1)
    },
    "a tunnel that does not open is named, and feedback of it waits for a connection" to {
        val world = World()
        val hosts = requiredHosts(ShellKind.ANDROID, null)
        val facts = ConnectionFacts(RadioState.ON, true, hosts, dial = "timed_out")
        val told = world.app.couldNotConnect(Operation.SIGN_IN, facts)!!
        equal(told.code, "tunnel_blocked")
        check(told.sentence.endsWith("port 443: cable.ua5v.com.") && told.title == "Device couldn't connect")
        world.surroundings.online = false
        val id = world.app.makeFeedback()
        equal(world.app.feedbackToSend(), null)
        val again = World(world.keyStore, world.folder)
        equal(again.app.feedbacks(), listOf(FeedbackReport(id, "queued")))
        val sending = again.app.feedbackToSend()!!
        equal(sending.id, id)
        val bundle = decode(ByteBuffer.wrap(sending.bytes)) as Map<*, *>
        equal(bundle[2], id.replace("-", ""))
        check(again.app.feedbackArrived(id))
        equal(again.app.feedbacks(), listOf(FeedbackReport(id, "sent")))
        thrown<AppException.Facts> { diagnose(facts.also { it.dial = "exploded" }) }
    },
    "a malformed description is refused" to {
        val world = World()
        val description = DeviceDescription(ByteArray(3), ByteArray(16), SystemBelow.Android(15u, true), AttestationKind.NONE)
        thrown<AppException.Description> {
            PasskeyApp(world.keyStore, world.verifier, world.surroundings, world.shelf, description, defaultPolicy())
        }
    },
)

fun main() {
    var failures = 0
    for ((name, step) in steps) {
        try {
            step()
            println("ok $name")
        } catch (error: Throwable) {
            failures += 1
            println("FAILED $name")
            error.printStackTrace()
        }
    }
    exitProcess(if (failures == 0) 0 else 1)
}
