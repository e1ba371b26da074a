// A shell on the JVM. Its key store is that of java.security and stands in for AndroidKeyStore, which it has the interface of; what
// it says of its hardware is what the test wants said. Never a product: its keys are in the memory of the process.

import java.security.KeyPairGenerator
import java.security.PrivateKey
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import java.math.BigInteger
import uniffi.authenticator_ffi.*

class SoftwareKeyStore : ShellKeyStore {
    var offered = listOf(KeyLevel.STRONG_BOX, KeyLevel.TRUSTED_ENVIRONMENT)

    /** StrongBox is promised and throws when a key is to be made, as on some devices. */
    var strongBoxThrows = false
    val keys = HashMap<String, PrivateKey>()
    val levels = HashMap<String, KeyLevel>()
    val grants = HashSet<String>()
    private var made = 0

    override fun hardware() = offered

    override fun algorithms() = listOf(KeyAlgorithm.ES256)

    override fun create(order: KeyOrder): MadeKey {
        if (order.level == KeyLevel.STRONG_BOX && strongBoxThrows) {
            throw KeyFault.Unavailable()
        }
        check(order.attestationChallenge.size == 32)
        val generator = KeyPairGenerator.getInstance("EC")
        generator.initialize(ECGenParameterSpec("secp256r1"))
        val pair = generator.generateKeyPair()
        val alias = "passkey-${++made}"
        keys[alias] = pair.private
        levels[alias] = order.level
        val point = (pair.public as ECPublicKey).w
        val public = byteArrayOf(4) + coordinate(point.affineX) + coordinate(point.affineY)
        return MadeKey(alias.toByteArray(), KeyAlgorithm.ES256, public, order.level)
    }

    override fun sign(handle: ByteArray, grant: ByteArray?, message: ByteArray): ByteArray {
        val key = keys[String(handle)] ?: throw KeyFault.Failed()
        if (grant == null || !grants.remove(String(grant))) {
            throw KeyFault.VerificationRequired()
        }
        return Signature.getInstance("SHA256withECDSA").run {
            initSign(key)
            update(message)
            sign()
        }
    }

    override fun state(handle: ByteArray) =
        if (String(handle) in keys) KeyState.VALID else KeyState.MISSING

    override fun destroy(handle: ByteArray) {
        keys.remove(String(handle))
        levels.remove(String(handle))
    }

    override fun evidence(handle: ByteArray, grant: ByteArray?, attested: ByteArray) = KeyEvidence.None
}

class SoftwareVerifier(private val keyStore: SoftwareKeyStore) : ShellVerifier {
    var lock: ULong? = 1UL
    var throws = false
    val prompts = ArrayList<Prompt>()
    private var granted = 0

    override fun screenLock() = ScreenLock(lock, finger = lock != null, face = false)

    override fun verify(method: VerificationMethod, prompt: Prompt): Verification {
        check(!throws) { "a mistake of the shell" }
        prompts.add(prompt)
        val grant = "grant-${++granted}"
        keyStore.grants.add(grant)
        return Verification.Granted(grant.toByteArray(), null)
    }

    override fun confirm(prompt: Prompt) = false
}

class SoftwareSurroundings : ShellSurroundings {
    var radio = RadioState.ON
    var online = true

    override fun nowMs() = System.nanoTime().toULong() / 1_000_000UL

    override fun online() = online

    override fun radio() = radio
}

private fun coordinate(number: BigInteger): ByteArray {
    val bytes = number.toByteArray()
    val bare = if (bytes.size > 32) bytes.copyOfRange(bytes.size - 32, bytes.size) else bytes
    return ByteArray(32 - bare.size) + bare
}
