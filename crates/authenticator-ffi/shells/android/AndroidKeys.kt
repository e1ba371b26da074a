// Keys in AndroidKeyStore: what ShellKeyStore asks for (R1, R2, R4).
//
// An outline. It was not compiled for a phone or run on one here.

import android.content.Context
import android.content.pm.PackageManager
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import android.security.keystore.UserNotAuthenticatedException
import java.math.BigInteger
import java.security.InvalidAlgorithmParameterException
import java.security.KeyFactory
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import java.util.UUID
import uniffi.authenticator_ffi.*

class AndroidKeys(private val context: Context) : ShellKeyStore {
    private val store = KeyStore.getInstance("AndroidKeyStore").apply { load(null) }

    // What is advertised. What counts is where the key says it is once it is made: `create` reads that.
    override fun hardware(): List<KeyLevel> = buildList {
        if (context.packageManager.hasSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE)) {
            add(KeyLevel.STRONG_BOX)
        }
        // Every phone since Android 8 claims one; an emulator does not have it, and its keys then say SOFTWARE.
        add(KeyLevel.TRUSTED_ENVIRONMENT)
    }

    // AndroidKeyStore signs with P-256 in StrongBox and in the trusted environment alike.
    override fun algorithms() = listOf(KeyAlgorithm.ES256)

    override fun create(order: KeyOrder): MadeKey {
        // Random, so that the name of another device's key is never that of one here (R4).
        val alias = "passkey-" + UUID.randomUUID()
        val spec = KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
            .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
            .setDigests(KeyProperties.DIGEST_SHA256)
            // Signs only after verification by finger, face or PIN. The seconds must cover making, attesting and signing with one
            // prompt; with 0 each of them would need a prompt of its own.
            .setUserAuthenticationRequired(true)
            .setUserAuthenticationParameters(
                GRANT_SECONDS,
                KeyProperties.AUTH_BIOMETRIC_STRONG or KeyProperties.AUTH_DEVICE_CREDENTIAL,
            )
            // Not while the screen is locked, whoever has taken the process over.
            .setUnlockedDeviceRequired(true)
            // The key is attested while it is made, with this as the challenge: the hash of the client data, which is why there is one
            // key for each registration, made after the request has come.
            .setAttestationChallenge(order.attestationChallenge)
            .setIsStrongBoxBacked(order.level == KeyLevel.STRONG_BOX)
            .build()
        val generator = KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, "AndroidKeyStore")
        val pair = try {
            generator.initialize(spec)
            generator.generateKeyPair()
        } catch (_: StrongBoxUnavailableException) {
            // Promised and not there: the core asks again for the trusted environment (R1).
            throw KeyFault.Unavailable()
        } catch (_: InvalidAlgorithmParameterException) {
            // What AndroidKeyStore throws for a key that needs a screen lock where there is none.
            throw KeyFault.SecureLockRequired()
        }
        val point = (pair.public as ECPublicKey).w
        val public = byteArrayOf(4) + coordinate(point.affineX) + coordinate(point.affineY)
        return MadeKey(alias.toByteArray(), KeyAlgorithm.ES256, public, level(pair.private))
    }

    private fun level(key: PrivateKey): KeyLevel {
        val info = KeyFactory.getInstance(key.algorithm, "AndroidKeyStore")
            .getKeySpec(key, KeyInfo::class.java)
        return when (info.securityLevel) {
            KeyProperties.SECURITY_LEVEL_STRONGBOX -> KeyLevel.STRONG_BOX
            KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT -> KeyLevel.TRUSTED_ENVIRONMENT
            // SOFTWARE, and the UNKNOWN ones too: the core destroys the key and makes no passkey (R2).
            else -> KeyLevel.SOFTWARE
        }
    }

    // The grant names the verification that AndroidKeyStore has seen itself; it needs nothing from here. That there was none is
    // refused all the same, so that a mistake elsewhere is noticed.
    override fun sign(handle: ByteArray, grant: ByteArray?, message: ByteArray): ByteArray {
        if (grant == null) {
            throw KeyFault.VerificationRequired()
        }
        try {
            return Signature.getInstance("SHA256withECDSA").run {
                initSign(key(handle) ?: throw KeyFault.Failed())
                update(message)
                sign()
            }
        } catch (_: UserNotAuthenticatedException) {
            throw KeyFault.VerificationRequired()
        } catch (_: KeyPermanentlyInvalidatedException) {
            throw KeyFault.PermanentlyInvalidated()
        }
    }

    // A key that the system gave up (screen lock removed, or reset by force) shows when it is to sign: initSign throws.
    override fun state(handle: ByteArray): KeyState {
        val key = key(handle) ?: return KeyState.MISSING
        return try {
            Signature.getInstance("SHA256withECDSA").initSign(key)
            KeyState.VALID
        } catch (_: UserNotAuthenticatedException) {
            // It only wants a verification, which this is no question of.
            KeyState.VALID
        } catch (_: KeyPermanentlyInvalidatedException) {
            KeyState.INVALIDATED
        }
    }

    override fun destroy(handle: ByteArray) = store.deleteEntry(String(handle))

    // The chain was made with the key: its own certificate first. For description: AttestationKind.ANDROID_KEY.
    override fun evidence(handle: ByteArray, grant: ByteArray?, attested: ByteArray): KeyEvidence {
        val chain = store.getCertificateChain(String(handle)) ?: throw KeyFault.Failed()
        return KeyEvidence.AndroidKey(chain.map { it.encoded })
    }

    private fun key(handle: ByteArray) = store.getKey(String(handle), null) as PrivateKey?

    private fun coordinate(number: BigInteger): ByteArray {
        val bytes = number.toByteArray()
        val bare = if (bytes.size > 32) bytes.copyOfRange(bytes.size - 32, bytes.size) else bytes
        return ByteArray(32 - bare.size) + bare
    }

    private companion object {
        const val GRANT_SECONDS = 30
    }
}
