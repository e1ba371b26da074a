// A QR code of WebAuthn in the app's camera (R11), and why iOS goes on with it alone (R5, R7, R8).
//
// An outline. It was not compiled for a phone or run on one here.
//
// The advert of hybrid transport is service data, and an app on iOS cannot send any: CBPeripheralManager.startAdvertising takes a local name
// and service UUIDs, nothing else. So the app reads the code, says what it is, and opens the same address: the system answers it, asks the
// person which passkey to use, opens the tunnel at Apple's service, and asks this app's extension for the signature.

import UIKit

enum CodeScanner {
    /// What to say of a text that the camera found; nothing is sent by it.
    static func hint(for text: String, now: Date = .now) throws -> CodePurpose {
        // Throws CodeFault.NotACode: what the text is instead, or what is wrong with it, by its code and with the sentence to show.
        try ScannedCode.read(text: text, now: UInt64(now.timeIntervalSince1970)).purpose()
    }

    /// Hands the code to the system.
    @MainActor
    static func handOver(_ text: String, app: PasskeyApp) async throws -> Bool {
        _ = try hint(for: text)
        // Bluetooth and the internet, with the sentence for what is missing, before the system shows its own (R5).
        // The sentence for the code: refusalText(code:).
        if let code = try app.crossDeviceRefusal() { throw HybridFault.Refused(code: code) }
        guard let address = URL(string: text) else { return false }
        return await UIApplication.shared.open(address)
    }
}
