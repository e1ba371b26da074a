// Passkeys for apps and browsers on the phone, by the interface for credential providers of Android 14 (R14).
//
// An outline. It was not compiled for a phone or run on one here.
//
// In the manifest: a service with the permission BIND_CREDENTIAL_PROVIDER_SERVICE (so that only the system can bind it), the intent filter
// android.service.credentials.CredentialProviderService, and meta-data that names the capability
// androidx.credentials.TYPE_PUBLIC_KEY_CREDENTIAL. The person chooses the app as provider in the system's settings.

import android.app.PendingIntent
import android.content.Intent
import android.os.CancellationSignal
import android.os.OutcomeReceiver
import androidx.credentials.exceptions.ClearCredentialException
import androidx.credentials.exceptions.CreateCredentialException
import androidx.credentials.exceptions.CreateCredentialUnknownException
import androidx.credentials.exceptions.GetCredentialException
import androidx.credentials.provider.BeginCreateCredentialRequest
import androidx.credentials.provider.BeginCreateCredentialResponse
import androidx.credentials.provider.BeginCreatePublicKeyCredentialRequest
import androidx.credentials.provider.BeginGetCredentialRequest
import androidx.credentials.provider.BeginGetCredentialResponse
import androidx.credentials.provider.BeginGetPublicKeyCredentialOption
import androidx.credentials.provider.CallingAppInfo
import androidx.credentials.provider.CreateEntry
import androidx.credentials.provider.CredentialProviderService
import androidx.credentials.provider.ProviderClearCredentialStateRequest
import androidx.credentials.provider.PublicKeyCredentialEntry
import org.json.JSONObject
import uniffi.authenticator_ffi.PasskeyApp
import uniffi.authenticator_ffi.PasskeyCondition

/** The first half of a request: what could be done, without a key or a prompt. The second half is [PasskeyActivity]. */
class ProviderService : CredentialProviderService() {
    private val app: PasskeyApp by lazy { TODO("the process's only one: two would each believe that they write the shelf alone") }

    override fun onBeginCreateCredentialRequest(
        request: BeginCreateCredentialRequest,
        cancellationSignal: CancellationSignal,
        callback: OutcomeReceiver<BeginCreateCredentialResponse, CreateCredentialException>,
    ) {
        if (request !is BeginCreatePublicKeyCredentialRequest) {
            return callback.onError(CreateCredentialUnknownException("passkeys only"))
        }
        val account = JSONObject(request.requestJson).getJSONObject("user").getString("name")
        callback.onResult(BeginCreateCredentialResponse(listOf(CreateEntry(account, opens(0)))))
    }

    // The list may be read here: it asks nobody. What can no longer be used is not offered.
    override fun onBeginGetCredentialRequest(
        request: BeginGetCredentialRequest,
        cancellationSignal: CancellationSignal,
        callback: OutcomeReceiver<BeginGetCredentialResponse, GetCredentialException>,
    ) {
        val usable = app.list().filter { it.condition == PasskeyCondition.Usable }
        val entries = request.beginGetCredentialOptions.filterIsInstance<BeginGetPublicKeyCredentialOption>().flatMap { option ->
            val rpId = JSONObject(option.requestJson).getString("rpId")
            usable.filter { it.rpId == rpId }.mapIndexed { number, passkey ->
                PublicKeyCredentialEntry.Builder(this, passkey.account ?: rpId, opens(number + 1), option).build()
            }
        }
        callback.onResult(BeginGetCredentialResponse(entries))
    }

    override fun onClearCredentialStateRequest(
        request: ProviderClearCredentialStateRequest,
        cancellationSignal: CancellationSignal,
        callback: OutcomeReceiver<Void?, ClearCredentialException>,
    ) = callback.onResult(null)

    // Mutable, because the system puts the request into it.
    private fun opens(number: Int) = PendingIntent.getActivity(
        this,
        number,
        Intent(this, PasskeyActivity::class.java),
        PendingIntent.FLAG_MUTABLE or PendingIntent.FLAG_UPDATE_CURRENT,
    )
}

/**
 * The second half, in an activity that BiometricPrompt can stand on:
 *
 * 1. `PendingIntentHandler.retrieveProviderCreateCredentialRequest(intent)` (or Get).
 * 2. [origin] below. The relying party's identifier must be the origin's host or a suffix of it that is no public suffix, or be allowed by
 *    its file for related origins. The core compares names with enrolled ones; it cannot know who called.
 * 3. Client data: a browser gives `clientDataHash`, which is used as it is. For an app the JSON is made here, with type, challenge, origin
 *    `android:apk-key-hash:` and the SHA-256 of its certificate in base64url, and androidPackageName; and it is hashed.
 * 4. On a thread of its own: `app.handle(command + cbor, RequestFront.LOCAL)`. The command is authenticatorMakeCredential with `rk` and `uv`,
 *    or authenticatorGetAssertion with the picked passkey in the allow list.
 * 5. A status other than 0 becomes the exception of Credential Manager (0x19 InvalidStateError, 0x2e NoCredential, 0x27 and 0x2f
 *    NotAllowedError), and the window shows the sentence for `app.lastRefusal()`, with a button for feedback (README.md): the person is told
 *    more than the relying party.
 * 6. The answer as JSON of WebAuthn Level 3, section 5.1, by `PendingIntentHandler.setCreateCredentialResponse(intent, …)`.
 *
 * Signals of relying parties (R22) arrive the same way and go to `app.receive`, with an identifier that was checked as in 2.
 */
class PasskeyActivity : androidx.fragment.app.FragmentActivity()

/** Only browsers that the app knows by package and certificate may speak for an origin; every other caller is its own origin. */
fun origin(caller: CallingAppInfo, knownBrowsers: String): String? =
    if (caller.isOriginPopulated()) caller.getOrigin(knownBrowsers) else null
