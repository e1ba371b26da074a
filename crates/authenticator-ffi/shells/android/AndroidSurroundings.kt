// Clock, network and radio, and what the app is: what ShellSurroundings and DeviceDescription ask for (R4, R5, R12, R14).
//
// An outline. It was not compiled for a phone or run on one here.

import android.Manifest.permission.BLUETOOTH_ADVERTISE
import android.bluetooth.BluetoothManager
import android.content.Context
import android.content.pm.PackageManager
import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.os.Build
import android.os.SystemClock
import java.io.File
import java.security.SecureRandom
import uniffi.authenticator_ffi.*

class AndroidSurroundings(private val context: Context) : ShellSurroundings {
    // Goes on while the device sleeps, and nobody can set it. uptimeMillis stands still in sleep, currentTimeMillis can be set.
    override fun nowMs() = SystemClock.elapsedRealtime().toULong()

    // VALIDATED: the system has reached the internet, not only a network that asks for a room number first.
    override fun online(): Boolean {
        val manager = context.getSystemService(ConnectivityManager::class.java)
        val network = manager.getNetworkCapabilities(manager.activeNetwork)
        return network != null && network.hasCapability(NetworkCapabilities.NET_CAPABILITY_VALIDATED)
    }

    override fun radio(): RadioState {
        val adapter = context.getSystemService(BluetoothManager::class.java).adapter
        return when {
            adapter == null || !adapter.isEnabled -> RadioState.OFF
            context.checkSelfPermission(BLUETOOTH_ADVERTISE) != PackageManager.PERMISSION_GRANTED -> RadioState.DENIED
            else -> RadioState.ON
        }
    }
}

fun description(context: Context) = DeviceDescription(
    deviceId = deviceId(context),
    aaguid = AAGUID,
    system = SystemBelow.Android(
        Build.VERSION.RELEASE.substringBefore('.').toUInt(),
        context.packageManager.hasSystemFeature(PackageManager.FEATURE_CREDENTIALS),
    ),
    attestation = AttestationKind.ANDROID_KEY,
)

// Random, and where no backup reaches, so that a restored app on another phone has another one (R4). Not ANDROID_ID: it is the same after
// the app's data was deleted, and its keys with them.
private fun deviceId(context: Context): ByteArray {
    val file = File(context.noBackupFilesDir, "device")
    if (!file.exists()) {
        val fresh = File(context.noBackupFilesDir, "device.new")
        fresh.writeBytes(ByteArray(16).also(SecureRandom()::nextBytes))
        check(fresh.renameTo(file)) { "the device's name could not be written" }
    }
    return file.readBytes()
}

// The model identifier of the app: 16 bytes that its makers chose once, the same on every phone.
private val AAGUID: ByteArray = TODO("the app's own")
