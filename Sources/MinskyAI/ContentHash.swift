import Crypto

/// The hash by which one knows whether a stored vector is still that of its text.
public enum ContentHash {
    /// SHA-256 of the text's UTF-8 bytes, as 64 hex digits.
    public static func of(_ text: String) -> String {
        var hash = SHA256()
        var copy = text
        copy.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        return hash.finalize().map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
