// The app's records in one file: what ShellShelf asks for, all or nothing, and there after a power cut.
//
// Compiled and used by rigs/bindings; not compiled for a phone or run on one here.
//
// On Android the folder is Context.getNoBackupFilesDir(): entries of a restored backup open nothing (R4), and people need not see them
// on a new phone. A work profile is another installation with another folder (R15); nothing here has to know.

import java.io.DataInputStream
import java.io.DataOutputStream
import java.nio.channels.Channels
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardCopyOption.REPLACE_EXISTING
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.TRUNCATE_EXISTING
import java.nio.file.StandardOpenOption.WRITE
import uniffi.authenticator_ffi.ShelfEntry
import uniffi.authenticator_ffi.ShellFault
import uniffi.authenticator_ffi.ShellShelf

class FileShelf(private val folder: Path) : ShellShelf {
    private val file = folder.resolve("passkeys")

    // A file that cannot be read throws: taken for an empty one, it would let a second passkey of an account be made.
    @Synchronized
    override fun entries(): List<ShelfEntry> = orFault {
        if (!Files.exists(file)) {
            return@orFault emptyList()
        }
        DataInputStream(Files.newInputStream(file).buffered()).use { input ->
            List(input.readInt()) { ShelfEntry(read(input), read(input)) }
        }
    }

    @Synchronized
    override fun write(entry: ShelfEntry, remove: List<ByteArray>) {
        val kept = entries().filterNot { old ->
            old.name.contentEquals(entry.name) || remove.any { it.contentEquals(old.name) }
        }
        replace(kept + entry)
    }

    @Synchronized
    override fun remove(name: ByteArray): Boolean {
        val entries = entries()
        val kept = entries.filterNot { it.name.contentEquals(name) }
        if (kept.size == entries.size) {
            return false
        }
        replace(kept)
        return true
    }

    // A new file beside the old one, on the disk before it takes its place, and the place on the disk before this returns.
    private fun replace(entries: List<ShelfEntry>) = orFault {
        val fresh = folder.resolve("passkeys.new")
        FileChannel.open(fresh, CREATE, WRITE, TRUNCATE_EXISTING).use { channel ->
            val output = DataOutputStream(Channels.newOutputStream(channel).buffered())
            output.writeInt(entries.size)
            for (entry in entries) {
                write(output, entry.name)
                write(output, entry.bytes)
            }
            output.flush()
            channel.force(true)
        }
        Files.move(fresh, file, ATOMIC_MOVE, REPLACE_EXISTING)
        FileChannel.open(folder, READ).use { it.force(true) }
    }

    private fun read(input: DataInputStream): ByteArray {
        val length = input.readInt()
        require(length in 0..MAX) { "a length that was never written" }
        return ByteArray(length).also(input::readFully)
    }

    private fun write(output: DataOutputStream, bytes: ByteArray) {
        output.writeInt(bytes.size)
        output.write(bytes)
    }

    private fun <T> orFault(work: () -> T): T = try {
        work()
    } catch (error: Exception) {
        // The details are for the app's own log.
        throw ShellFault.Failed().initCause(error)
    }

    private companion object {
        const val MAX = 65_536
    }
}
