// Passkeys for apps and browsers on the phone, by the credential provider extension of iOS 17 (R14).
//
// An outline. It was not compiled for a phone or run on one here.
//
// The extension's Info.plist names ProvidesPasskeys among ASCredentialProviderExtensionCapabilities; app and extension share a keychain group
// and an app group. The person chooses the app in Settings, Passwords. After every change of its list the app tells
// ASCredentialIdentityStore which passkeys there are, so that the system can offer them.

import AuthenticationServices

final class ProviderExtension: ASCredentialProviderViewController {
    /// The process's only one, over the shared shelf. Extension and app are two processes: NSFileCoordinator keeps them apart.
    private lazy var app: PasskeyApp = Shell.shared.app

    override func prepareInterface(forPasskeyRegistration request: ASCredentialRequest) {
        guard let request = request as? ASPasskeyCredentialRequest,
              let identity = request.credentialIdentity as? ASPasskeyCredentialIdentity
        else { return cancel(.failed) }
        // The system has checked that the caller may speak for the relying party, and made the hash of the client data.
        let message = Ctap.makeCredential(
            clientDataHash: request.clientDataHash,
            rpId: identity.relyingPartyIdentifier,
            userId: identity.userHandle,
            userName: identity.userName,
            algorithms: request.supportedAlgorithms.map(\.rawValue)
        )
        ask(message) { made in
            self.extensionContext.completeRegistrationRequest(
                using: ASPasskeyRegistrationCredential(
                    relyingParty: identity.relyingPartyIdentifier,
                    clientDataHash: request.clientDataHash,
                    credentialID: made.credentialId,
                    attestationObject: made.attestationObject
                )
            )
        }
    }

    override func prepareInterfaceToProvideCredential(for request: ASCredentialRequest) {
        guard let request = request as? ASPasskeyCredentialRequest,
              let identity = request.credentialIdentity as? ASPasskeyCredentialIdentity
        else { return cancel(.failed) }
        let message = Ctap.getAssertion(
            clientDataHash: request.clientDataHash,
            rpId: identity.relyingPartyIdentifier,
            allow: [identity.credentialID]
        )
        ask(message) { asserted in
            self.extensionContext.completeAssertionRequest(
                using: ASPasskeyAssertionCredential(
                    userHandle: asserted.userHandle,
                    relyingParty: identity.relyingPartyIdentifier,
                    signature: asserted.signature,
                    clientDataHash: request.clientDataHash,
                    authenticatorData: asserted.authenticatorData,
                    credentialID: identity.credentialID
                )
            )
        }
    }

    // Every signature needs the person, so nothing is answered without a window.
    override func provideCredentialWithoutUserInteraction(for request: ASCredentialRequest) {
        cancel(.userInteractionRequired)
    }

    private func ask(_ message: Data, then complete: @escaping (Ctap.Answer) -> Void) {
        // Not on the main thread: the call returns when the person has answered, and the prompt needs the main thread.
        DispatchQueue.global(qos: .userInitiated).async {
            let answer = try? self.app.handle(message: message, front: .local)
            // Nothing of it on this side tells whether another device asks: where iOS answers a QR code by itself, the request comes here
            // like one of this phone. The switch of R6 then rests with the identity provider.
            let refusal = (try? self.app.lastRefusal()) ?? nil
            DispatchQueue.main.async {
                switch answer.map(Ctap.read) {
                case .success(let answer): complete(answer)
                // The person is told more than the relying party.
                case .failure(let status): self.show(refusal) { self.cancel(Self.code(status)) }
                case nil: self.cancel(.failed)
                }
            }
        }
    }

    private static func code(_ status: UInt8) -> ASExtensionError.Code {
        switch status {
        case 0x2e: return .credentialIdentityNotFound
        case 0x19: return .matchedExcludedCredential
        case 0x27, 0x2f: return .userCanceled
        default: return .failed
        }
    }

    private func cancel(_ code: ASExtensionError.Code) {
        extensionContext.cancelRequest(withError: ASExtensionError(code))
    }
}
