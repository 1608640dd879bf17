import MinskyModel

/// Writes the rules for agents into the file in which they look for such: `AGENTS.md` beside the workspace's folder.
public struct WriteAgentsFile: Sendable {
    /// What stands between the marks.
    public var text: String

    /// The lines around what is written; what stands outside of them is the user's.
    public static let marks = (begin: "<!-- minsky: begin -->", end: "<!-- minsky: end -->")

    /// Which file was written.
    public struct Result: Sendable {
        public let path: String
        /// Whether anything in it is different from before.
        public let hasChanged: Bool

        /// The documented JSON object.
        public var json: JSON { ["path": .string(path), "changed": .bool(hasChanged)] }
    }

    /// Creates the request.
    public init(text: String) { self.text = text }

    /// Writes the file.
    /// - Throws: `AppError` with code `.file`, or `.conflict` when a mark stands there without the other one.
    public func run(in workspace: Workspace) throws -> Result {
        let folder = workspace.path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let path = folder.joined(separator: "/") + "/AGENTS.md"
        let old = try FileAccess.text(at: path) ?? ""
        let new = try Self.replacing(in: old, with: "\(Self.marks.begin)\n\(text)\n\(Self.marks.end)", at: path)
        if new != old { try FileAccess.write(new, to: path) }
        return Result(path: path, hasChanged: new != old)
    }

    private static func replacing(in old: String, with block: String, at path: String) throws -> String {
        let begin = old.firstRange(of: marks.begin)
        let end = old.firstRange(of: marks.end)
        switch (begin, end) {
        case (nil, nil):
            let above = old.isEmpty ? "" : old.hasSuffix("\n") ? old + "\n" : old + "\n\n"
            return above + block + "\n"
        case (let begin?, let end?) where begin.upperBound <= end.lowerBound:
            return "\(old[..<begin.lowerBound])\(block)\(old[end.upperBound...])"
        default:
            throw AppError(
                .conflict, "\(path) has one of the lines '\(marks.begin)' and '\(marks.end)', but not both in order",
                hint: "Remove it, then type the command again.")
        }
    }
}
