// Clock, network, radio and records, and what the app is: what ShellSurroundings, ShellShelf and DeviceDescription ask for.
//
// An outline. It was not compiled for a phone or run on one here.

import CoreBluetooth
import Foundation
import Network
import UIKit

final class PhoneSurroundings: ShellSurroundings {
    private let monitor = NWPathMonitor()

    init() { monitor.start(queue: .global()) }

    // Goes on while the phone sleeps, and nobody can set it. mach_absolute_time stands still in sleep, Date can be set.
    func nowMs() throws -> UInt64 {
        clock_gettime_nsec_np(CLOCK_MONOTONIC_RAW) / 1_000_000
    }

    func online() throws -> Bool { monitor.currentPath.status == .satisfied }

    // The app does not advertise (see CodeScanner.swift), but it can say beforehand what the system will miss (R5).
    func radio() throws -> RadioState {
        switch CBManager.authorization {
        case .denied, .restricted: return .denied
        default: return BluetoothWatch.shared.isOn ? .on : .off
        }
    }
}

/// One file in the container that app and extension share, marked as not to be backed up (R4). The same form as the Android shell's
/// FileShelf: a new file beside the old one, `fsync`, `rename`, `fsync` of the folder. NSFileCoordinator keeps app and extension apart.
/// A file that cannot be read throws: taken for an empty one, it would let a second passkey of an account be made.
final class FileShelf: ShellShelf {
    private let file: URL

    init(file: URL) throws {
        self.file = file
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        var folder = file.deletingLastPathComponent()
        try folder.setResourceValues(values)
    }

    func entries() throws -> [ShelfEntry] { try Records.read(file) }

    func write(entry: ShelfEntry, remove: [Data]) throws {
        let kept = try entries().filter { $0.name != entry.name && !remove.contains($0.name) }
        try Records.replace(file, with: kept + [entry])
    }

    func remove(name: Data) throws -> Bool {
        let all = try entries()
        let kept = all.filter { $0.name != name }
        guard kept.count < all.count else { return false }
        try Records.replace(file, with: kept)
        return true
    }
}

/// `deviceId`: 16 random bytes in a keychain item of kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly, which no backup carries to another
/// phone (R4). `aaguid`: the app's own, chosen once by its makers.
func description(deviceId: Data, aaguid: Data, attests: Bool) -> DeviceDescription {
    let version = UIDevice.current.systemVersion.split(separator: ".").first.flatMap { UInt32($0) } ?? 0
    return DeviceDescription(
        deviceId: deviceId,
        aaguid: aaguid,
        system: .ios(version: version),
        attestation: attests ? .certified : .none
    )
}
