// Keys in the Secure Enclave: what ShellKeyStore asks for (R3, R4).
//
// An outline. It was not compiled for a phone or run on one here.

import CryptoKit
import Foundation
import LocalAuthentication
import Security

/// Asks the identity provider's authority, which checks what App Attest says and signs with a key that it certifies. Apple's statement is
/// no format that a relying party would read, so it is wrapped: see `evidence`.
protocol AttestationAuthority {
    /// `assertion` is that of App Attest over SHA-256 of `attested`. Blocks; throws without the internet.
    func certify(attested: Data, assertion: Data) throws -> (signature: Data, x5c: [Data])
}

final class EnclaveKeys: ShellKeyStore {
    private let grants: Grants
    private let authority: AttestationAuthority?
    /// App and credential provider extension share it; nobody else. Both name it in `keychain-access-groups`.
    private let accessGroup: String

    init(grants: Grants, authority: AttestationAuthority?, accessGroup: String) {
        self.grants = grants
        self.authority = authority
        self.accessGroup = accessGroup
    }

    // No simulator, and no device without one: the core then makes no passkey (R3).
    func hardware() throws -> [KeyLevel] {
        SecureEnclave.isAvailable ? [.secureEnclave] : []
    }

    // P-256 only, and keys cannot be brought in or out.
    func algorithms() throws -> [KeyAlgorithm] { [.es256] }

    func create(order: KeyOrder) throws -> MadeKey {
        // ThisDeviceOnly: in no backup and no sync (R4). WhenPasscodeSet: without a passcode the key cannot be made, and removing the
        // passcode destroys it (R21). userPresence: each signature needs finger, face or passcode. Not biometryCurrentSet: a second finger
        // would end the key, and another finger is no reason (R20).
        var problem: Unmanaged<CFError>?
        guard let access = SecAccessControlCreateWithFlags(
            nil,
            kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly,
            [.privateKeyUsage, .userPresence],
            &problem
        ) else { throw KeyFault.Failed }
        // Random, so that the name of another device's key is never that of one here.
        let tag = Data(UUID().uuidString.utf8)
        let attributes: [CFString: Any] = [
            kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom,
            kSecAttrKeySizeInBits: 256,
            kSecAttrTokenID: kSecAttrTokenIDSecureEnclave,
            kSecPrivateKeyAttrs: [
                kSecAttrIsPermanent: true,
                kSecAttrApplicationTag: tag,
                kSecAttrAccessControl: access,
                kSecAttrAccessGroup: accessGroup,
            ] as [CFString: Any],
        ]
        guard let key = SecKeyCreateRandomKey(attributes as CFDictionary, &problem) else {
            let code = problem.map { CFErrorGetCode($0.takeRetainedValue()) }
            // errSecAuthFailed is what comes where there is no passcode.
            throw code == Int(errSecAuthFailed) ? KeyFault.SecureLockRequired : KeyFault.Failed
        }
        // `04`, x, y: the form that the core wants.
        guard let point = SecKeyCopyPublicKey(key).flatMap({ SecKeyCopyExternalRepresentation($0, nil) }) else {
            try destroy(handle: tag)
            throw KeyFault.Failed
        }
        return MadeKey(handle: tag, algorithm: .es256, publicKey: point as Data, level: level(of: key))
    }

    // The key says where it is; a key without the token is in software.
    private func level(of key: SecKey) -> KeyLevel {
        let attributes = SecKeyCopyAttributes(key) as? [CFString: Any]
        let token = attributes?[kSecAttrTokenID] as? String
        return token == (kSecAttrTokenIDSecureEnclave as String) ? .secureEnclave : .software
    }

    // The grant names an LAContext that the person has just satisfied; the Secure Enclave checks it again.
    func sign(handle: Data, grant: Data?, message: Data) throws -> Data {
        guard let context = grant.flatMap(grants.context) else { throw KeyFault.VerificationRequired }
        guard let key = find(handle, context: context) else { throw KeyFault.Failed }
        var problem: Unmanaged<CFError>?
        let algorithm = SecKeyAlgorithm.ecdsaSignatureMessageX962SHA256
        guard let signature = SecKeyCreateSignature(key, algorithm, message as CFData, &problem) else {
            throw KeyFault.VerificationRequired
        }
        return signature as Data
    }

    // Looks without asking the person: a context that may not interact.
    func state(handle: Data) throws -> KeyState {
        let silent = LAContext()
        silent.interactionNotAllowed = true
        return find(handle, context: silent) == nil ? .missing : .valid
    }

    func destroy(handle: Data) throws {
        let status = SecItemDelete(query(handle) as CFDictionary)
        guard status == errSecSuccess || status == errSecItemNotFound else { throw ShellFault.Failed }
    }

    // For description: .certified where there is an authority, else .none. DCAppAttestService.generateAssertion with a key that was
    // attested once for this installation; its answer goes to the authority with what it is about.
    func evidence(handle: Data, grant: Data?, attested: Data) throws -> KeyEvidence {
        guard let authority else { return .none }
        let assertion: Data = try AppAttest.assertion(over: Data(SHA256.hash(data: attested)))
        let (signature, x5c) = try authority.certify(attested: attested, assertion: assertion)
        return .certified(algorithm: .es256, signature: signature, x5c: x5c)
    }

    private func query(_ handle: Data) -> [CFString: Any] {
        [
            kSecClass: kSecClassKey,
            kSecAttrApplicationTag: handle,
            kSecAttrAccessGroup: accessGroup,
            kSecAttrTokenID: kSecAttrTokenIDSecureEnclave,
        ]
    }

    private func find(_ handle: Data, context: LAContext) -> SecKey? {
        var query = query(handle)
        query[kSecReturnRef] = true
        query[kSecUseAuthenticationContext] = context
        var found: CFTypeRef?
        guard SecItemCopyMatching(query as CFDictionary, &found) == errSecSuccess else { return nil }
        return (found as! SecKey)
    }
}
