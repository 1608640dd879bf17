import Crypto
import MinskyModel

/// Ids of rows that were imported: what comes from one place elsewhere gets one id in every replica of a workspace, so that
/// two replicas which import the same thing hold one row.
public enum DerivedIdentifier {
    /// The first 80 bits of a SHA-256 over the three parts, as an id.
    /// - Parameters:
    ///   - workspace: The workspace's id.
    ///   - source: The kind of place, such as `taskwarrior`.
    ///   - reference: The id there.
    public static func of(workspace: String, source: String, reference: String) -> String {
        // A byte that is in no text keeps the parts apart.
        let text = [workspace, source, reference].map { Array($0.utf8) }.joined(separator: [0xFF])
        return Identifier.text(ofBits: Array(SHA256.hash(data: Array(text)).prefix(Identifier.length * 5 / 8)))
    }
}
