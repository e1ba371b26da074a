// The person and their screen lock: what ShellVerifier asks for (R16 to R21).
//
// An outline. It was not compiled for a phone or run on one here.

import Foundation
import LocalAuthentication

/// LAContexts by name. A name crosses the boundary, the context stays here.
final class Grants {
    private let lock = NSLock()
    private var contexts: [Data: LAContext] = [:]

    /// Of one at a time: a new grant ends the one before.
    func keep(_ context: LAContext) -> Data {
        lock.withLock {
            contexts.values.forEach { $0.invalidate() }
            let name = Data(UUID().uuidString.utf8)
            contexts = [name: context]
            return name
        }
    }

    func context(_ name: Data) -> LAContext? { lock.withLock { contexts[name] } }
}

/// `text` makes a sentence, in the person's language, of a prompt. `confirmed` shows one with Yes and No, and waits.
final class LocalVerifier: ShellVerifier {
    private let grants: Grants
    private let watch: LockWatch
    private let text: (Prompt) -> String
    private let confirmed: (Prompt) -> Bool

    init(grants: Grants, watch: LockWatch, text: @escaping (Prompt) -> String, confirmed: @escaping (Prompt) -> Bool) {
        self.grants = grants
        self.watch = watch
        self.text = text
        self.confirmed = confirmed
    }

    func screenLock() throws -> ScreenLock { try watch.read() }

    func verify(method: VerificationMethod, prompt: Prompt) throws -> Verification {
        let context = LAContext()
        // What the prompt has verified may be used once, for the signature that follows.
        context.touchIDAuthenticationAllowableReuseDuration = 0
        switch method {
        case .biometric:
            // Biometrics alone. "Use PIN" ends it with userFallback, and the core asks for the PIN in the same request (R16).
            return answer(evaluating: .deviceOwnerAuthenticationWithBiometrics, context, prompt)
        case .pin:
            // The passcode alone: deviceOwnerAuthentication would ask for the face first, and R17 would not hold.
            var problem: Unmanaged<CFError>?
            let flags: SecAccessControlCreateFlags = .devicePasscode
            guard let access = SecAccessControlCreateWithFlags(
                nil, kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly, flags, &problem
            ) else { return .failed }
            return answer(context) { done in
                context.evaluateAccessControl(access, operation: .useKeySign, localizedReason: self.text(prompt), reply: done)
            }
        }
    }

    func confirm(prompt: Prompt) throws -> Bool { confirmed(prompt) }

    private func answer(evaluating policy: LAPolicy, _ context: LAContext, _ prompt: Prompt) -> Verification {
        answer(context) { done in
            context.evaluatePolicy(policy, localizedReason: self.text(prompt), reply: done)
        }
    }

    private func answer(_ context: LAContext, _ ask: (@escaping (Bool, Error?) -> Void) -> Void) -> Verification {
        let done = DispatchSemaphore(value: 0)
        var outcome = Verification.failed
        ask { succeeded, error in
            outcome = succeeded ? .granted(grant: self.grants.keep(context), picked: nil) : Self.reason(error)
            done.signal()
        }
        guard done.wait(timeout: .now() + 60) == .success else {
            context.invalidate()
            return .timedOut
        }
        return outcome
    }

    private static func reason(_ error: Error?) -> Verification {
        switch (error as? LAError)?.code {
        case .biometryLockout: return .lockedOut
        case .userCancel, .appCancel, .systemCancel: return .cancelled
        // userFallback is "Use PIN"; authenticationFailed is a finger that does not match.
        default: return .failed
        }
    }
}

/// The number that is another after every change of the screen lock, and the enrolled kinds.
///
/// 1. `LAContext.canEvaluatePolicy(.deviceOwnerAuthentication)`: whether there is a passcode at all.
/// 2. An item in the keychain of kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly, the canary: iOS destroys it with the passcode, so that a
///    lock that was removed and set again is another one (R21).
/// 3. `LAContext.domainState` (iOS 18; before it `evaluatedPolicyDomainState`): another value after a finger or a face was added or removed.
///    It is compared and kept, never sent. The hardware has one kind, `biometryType`, so a switch of the kind (R20) means another device.
///
/// iOS does not tell an app that a passcode was changed into another one. Where the identity provider manages the phone, its management can
/// say so to the app; elsewhere R19 is a limit of this shell, and the app says so in its list of what it can promise.
final class LockWatch {
    private let canary: Canary
    private let notes: NumberKeeper

    init(canary: Canary, notes: NumberKeeper) {
        self.canary = canary
        self.notes = notes
    }

    func read() throws -> ScreenLock {
        let context = LAContext()
        guard context.canEvaluatePolicy(.deviceOwnerAuthentication, error: nil) else {
            return ScreenLock(lock: nil, finger: false, face: false)
        }
        if try !canary.lives() {
            // Written before anything is decided by it.
            try notes.advance()
            try canary.make()
        }
        var problem: NSError?
        let enrolled = context.canEvaluatePolicy(.deviceOwnerAuthenticationWithBiometrics, error: &problem)
            || (problem as? LAError)?.code == .biometryLockout
        return ScreenLock(
            lock: try notes.number(),
            finger: enrolled && context.biometryType == .touchID,
            face: enrolled && context.biometryType == .faceID
        )
    }
}

/// A keychain item that iOS destroys with the passcode.
protocol Canary {
    func lives() throws -> Bool
    func make() throws
}

/// A number on the app's shelf; `advance` returns when it is on the disk.
protocol NumberKeeper {
    func number() throws -> UInt64
    func advance() throws
}
