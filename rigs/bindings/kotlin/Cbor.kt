// As much of CTAP2's canonical CBOR as a client needs.

import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer

fun encode(value: Any): ByteArray {
    val out = ByteArrayOutputStream()
    write(out, value)
    return out.toByteArray()
}

private fun write(out: ByteArrayOutputStream, value: Any) {
    when (value) {
        is Int -> if (value >= 0) head(out, 0, value) else head(out, 1, -1 - value)
        is Boolean -> out.write(if (value) 0xf5 else 0xf4)
        is ByteArray -> {
            head(out, 2, value.size)
            out.write(value)
        }
        is String -> {
            val text = value.toByteArray()
            head(out, 3, text.size)
            out.write(text)
        }
        is List<*> -> {
            head(out, 4, value.size)
            value.forEach { write(out, it!!) }
        }
        is Map<*, *> -> {
            head(out, 5, value.size)
            val members = value.entries.map { encode(it.key!!) to encode(it.value!!) }
            // Shorter keys first, then byte by byte.
            members.sortedWith(compareBy<Pair<ByteArray, ByteArray>> { it.first.size }.then { a, b ->
                java.util.Arrays.compareUnsigned(a.first, b.first)
            }).forEach {
                out.write(it.first)
                out.write(it.second)
            }
        }
        else -> error("no CBOR for $value")
    }
}

private fun head(out: ByteArrayOutputStream, major: Int, length: Int) {
    when {
        length < 24 -> out.write(major shl 5 or length)
        length < 256 -> out.write(byteArrayOf((major shl 5 or 24).toByte(), length.toByte()))
        else -> {
            out.write(major shl 5 or 25)
            out.write(length shr 8)
            out.write(length)
        }
    }
}

/** Reads one value and leaves the buffer behind it. */
fun decode(buffer: ByteBuffer): Any {
    val first = buffer.get().toInt() and 0xff
    val major = first shr 5
    if (major == 7) {
        return first == 0xf5
    }
    val length = when (val small = first and 31) {
        24 -> buffer.get().toInt() and 0xff
        25 -> buffer.getShort().toInt() and 0xffff
        else -> {
            check(small < 24) { "a length that no answer here has" }
            small
        }
    }
    return when (major) {
        0 -> length
        1 -> -1 - length
        2 -> ByteArray(length).also(buffer::get)
        3 -> String(ByteArray(length).also(buffer::get))
        4 -> List(length) { decode(buffer) }
        5 -> (0 until length).associate { decode(buffer) to decode(buffer) }
        else -> error("major type $major")
    }
}
