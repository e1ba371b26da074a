// The advert on the air: what TunnelRun's Advertiser asks for (R5, R8).
//
// An outline. It was not compiled for a phone or run on one here.

import android.bluetooth.BluetoothManager
import android.bluetooth.le.AdvertiseCallback
import android.bluetooth.le.AdvertiseData
import android.bluetooth.le.AdvertiseSettings
import android.content.Context
import android.os.ParcelUuid
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import uniffi.authenticator_ffi.advertServiceUuid

/** Needs the permission BLUETOOTH_ADVERTISE and no other: nothing is scanned, paired or connected. */
class AndroidRadio(private val context: Context) : Advertiser {
    override fun advertise(serviceData: ByteArray): AutoCloseable {
        val advertiser = context.getSystemService(BluetoothManager::class.java).adapter.bluetoothLeAdvertiser
            ?: error("this phone cannot advertise")
        val settings = AdvertiseSettings.Builder()
            // Nobody is to connect: an organisation may allow Bluetooth for this and for nothing else (R8).
            .setConnectable(false)
            .setAdvertiseMode(AdvertiseSettings.ADVERTISE_MODE_LOW_LATENCY)
            .setTxPowerLevel(AdvertiseSettings.ADVERTISE_TX_POWER_MEDIUM)
            .setTimeout(0)
            .build()
        val uuid = ParcelUuid.fromString("0000%04x-0000-1000-8000-00805f9b34fb".format(advertServiceUuid().toInt()))
        // 31 bytes hold the service data and nothing else: no name, no power level, no list of services.
        val data = AdvertiseData.Builder()
            .setIncludeDeviceName(false)
            .setIncludeTxPowerLevel(false)
            .addServiceData(uuid, serviceData)
            .build()
        val started = CompletableFuture<Unit>()
        val callback = object : AdvertiseCallback() {
            override fun onStartSuccess(settings: AdvertiseSettings) {
                started.complete(Unit)
            }

            override fun onStartFailure(code: Int) {
                started.completeExceptionally(IllegalStateException("advertising failed with $code"))
            }
        }
        advertiser.startAdvertising(settings, data, callback)
        val end = AutoCloseable { advertiser.stopAdvertising(callback) }
        try {
            started.get(5, TimeUnit.SECONDS)
        } catch (error: Exception) {
            end.close()
            throw error
        }
        return end
    }
}
