import Crypto
import MinskyModel

/// Ids of rows that two replicas may make without having seen each other: what was imported from one place elsewhere, or links
/// of a task to one target, gets one id in every replica of a workspace, so that they hold one row.
public enum DerivedIdentifier {
    /// The first 80 bits of a SHA-256 over the three parts, as an id.
    /// - Parameters:
    ///   - workspace: The workspace's id.
    ///   - source: The kind of place, such as `taskwarrior`.
    ///   - reference: The id there.
    public static func of(workspace: String, source: String, reference: String) -> String {
        var bytes = Array(workspace.utf8)
        for part in [source, reference] {
            // In no text, so that it keeps the parts apart.
            bytes.append(0xFF)
            bytes += part.utf8
        }
        return Identifier.text(ofBits: Array(SHA256.hash(data: bytes).prefix(Identifier.length * 5 / 8)))
    }
}
