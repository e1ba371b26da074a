// The person and their screen lock: what ShellVerifier asks for (R16 to R21).
//
// An outline. It was not compiled for a phone or run on one here.

import android.app.KeyguardManager
import android.app.admin.DeviceAdminReceiver
import android.content.Context
import android.content.Intent
import android.content.SharedPreferences
import android.content.pm.PackageManager
import android.os.UserHandle
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import androidx.biometric.BiometricManager
import androidx.biometric.BiometricManager.Authenticators.BIOMETRIC_STRONG
import androidx.biometric.BiometricManager.Authenticators.DEVICE_CREDENTIAL
import androidx.biometric.BiometricPrompt
import androidx.fragment.app.FragmentActivity
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import uniffi.authenticator_ffi.*

/** [activity] is the one in front of the person now; [texts] makes sentences, in their language, of a prompt. */
class AndroidVerifier(
    private val context: Context,
    private val activity: () -> FragmentActivity?,
    private val texts: (Prompt) -> String,
) : ShellVerifier {
    private val lock = LockWatch(context)

    override fun screenLock() = lock.read()

    override fun verify(method: VerificationMethod, prompt: Prompt): Verification {
        val activity = activity() ?: return Verification.Failed
        val answer = CompletableFuture<Verification>()
        val callback = object : BiometricPrompt.AuthenticationCallback() {
            override fun onAuthenticationSucceeded(result: BiometricPrompt.AuthenticationResult) {
                // AndroidKeyStore has seen the verification itself; the name only says that there was one.
                answer.complete(Verification.Granted("verified".toByteArray(), null))
            }

            override fun onAuthenticationError(code: Int, text: CharSequence) {
                answer.complete(
                    when (code) {
                        BiometricPrompt.ERROR_LOCKOUT, BiometricPrompt.ERROR_LOCKOUT_PERMANENT -> Verification.LockedOut
                        BiometricPrompt.ERROR_USER_CANCELED, BiometricPrompt.ERROR_CANCELED -> Verification.Cancelled
                        // "Use PIN" on the biometric prompt: a failure of this method, so that the core asks for the PIN in
                        // the same request (R16) and goes on with it (R17).
                        BiometricPrompt.ERROR_NEGATIVE_BUTTON -> Verification.Failed
                        BiometricPrompt.ERROR_TIMEOUT -> Verification.TimedOut
                        else -> Verification.Failed
                    }
                )
            }
            // onAuthenticationFailed is one wrong finger while the prompt stays: nothing to answer yet.
        }
        // One method and no other: with both in one prompt the core could not tell what worked, and R17 and R18 would not hold.
        val info = BiometricPrompt.PromptInfo.Builder().setTitle(texts(prompt)).apply {
            if (method == VerificationMethod.BIOMETRIC) {
                setAllowedAuthenticators(BIOMETRIC_STRONG)
                setNegativeButtonText(context.getString(android.R.string.cancel))
                setConfirmationRequired(true)
            } else {
                setAllowedAuthenticators(DEVICE_CREDENTIAL)
            }
        }.build()
        activity.runOnUiThread { BiometricPrompt(activity, activity.mainExecutor, callback).authenticate(info) }
        return try {
            answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS)
        } catch (_: TimeoutException) {
            Verification.TimedOut
        }
    }

    // A dialog of the app with Yes and No, over a window that other apps cannot draw on: setHideOverlayWindows(true),
    // filterTouchesWhenObscured, FLAG_SECURE.
    override fun confirm(prompt: Prompt): Boolean = TODO("show texts(prompt), wait for the answer")

    private companion object {
        const val PATIENCE_SECONDS = 60L
    }
}

/**
 * The number that is another after every change of the screen lock, and the enrolled kinds.
 *
 * Android does not tell an app that a PIN has changed, and a key does not end by it. Three signs together:
 * 1. [PasswordWatch]: where the app administers the profile, the system calls it at every change.
 * 2. The canary of the lock, a key that needs the PIN: removing the lock, or resetting it by force, ends it for good.
 * 3. KeyguardManager.isDeviceSecure: no lock now.
 * Where the app administers nothing, a change from one PIN to another is not noticed. That is a limit of this shell, and the app says
 * so in its list of what it can promise (R19).
 */
class LockWatch(private val context: Context) {
    private val notes: SharedPreferences = context.getSharedPreferences("lock", Context.MODE_PRIVATE)

    fun read(): ScreenLock {
        if (!context.getSystemService(KeyguardManager::class.java).isDeviceSecure) {
            // The next lock is another one, also with the PIN of before (R21).
            Canary.LOCK.remove()
            return ScreenLock(null, finger = false, face = false)
        }
        if (!Canary.LOCK.lives()) {
            count()
            Canary.LOCK.make()
        }
        return ScreenLock(notes.getLong(NUMBER, 1).toULong(), enrolled(FINGER), enrolled(FACE))
    }

    /** Another lock: written before anything is decided by it. */
    fun count() {
        check(notes.edit().putLong(NUMBER, notes.getLong(NUMBER, 1) + 1).commit()) { "the number could not be written" }
    }

    /**
     * Android says whether strong biometrics are enrolled, and which sensors there are, but not which of two is enrolled. So the kind
     * is what the device has if it has one sensor. With two, the canary of biometrics tells that the enrolment has changed, and the
     * person is asked what they changed; whoever says "another kind" makes new passkeys (R20).
     */
    private fun enrolled(feature: String): Boolean {
        val can = BiometricManager.from(context).canAuthenticate(BIOMETRIC_STRONG)
        return can == BiometricManager.BIOMETRIC_SUCCESS && context.packageManager.hasSystemFeature(feature)
    }

    private companion object {
        const val NUMBER = "number"
        const val FINGER = PackageManager.FEATURE_FINGERPRINT
        const val FACE = PackageManager.FEATURE_FACE
    }
}

/** Keys that sign nothing: the system ends them when what they need is another one. */
enum class Canary(private val authenticators: Int) {
    // With DEVICE_CREDENTIAL among them a key survives other biometrics; so each sign has a key of its own.
    LOCK(KeyProperties.AUTH_DEVICE_CREDENTIAL),
    BIOMETRICS(KeyProperties.AUTH_BIOMETRIC_STRONG);

    private val store = KeyStore.getInstance("AndroidKeyStore").apply { load(null) }
    private val alias = "canary-" + name.lowercase()

    fun make() {
        val spec = KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
            .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
            .setDigests(KeyProperties.DIGEST_SHA256)
            .setUserAuthenticationRequired(true)
            .setUserAuthenticationParameters(0, authenticators)
            .setInvalidatedByBiometricEnrollment(true)
            .build()
        KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, "AndroidKeyStore").run {
            initialize(spec)
            generateKeyPair()
        }
    }

    fun lives(): Boolean {
        val key = store.getKey(alias, null) as PrivateKey? ?: return false
        return try {
            Signature.getInstance("SHA256withECDSA").initSign(key)
            true
        } catch (_: KeyPermanentlyInvalidatedException) {
            false
        }
    }

    fun remove() = store.deleteEntry(alias)
}

/** Declared in the manifest with BIND_DEVICE_ADMIN and the policy `watch-login`; the person, or their organisation, activates it. */
class PasswordWatch : DeviceAdminReceiver() {
    override fun onPasswordChanged(context: Context, intent: Intent, user: UserHandle) = LockWatch(context).count()
}
