/// What belongs to a task and is kept elsewhere: a page on the web, a file.
public struct Link: Sendable, Hashable {
    public let id: String
    public var taskID: String
    /// A URL, or the path of a file, from the workspace's folder where it lies below that.
    public var target: String
    /// What it is called, or nil.
    public var title: String?
    public var createdAt: Timestamp
    public var createdBy: String?

    /// Creates a link.
    public init(
        id: String, taskID: String, target: String, title: String? = nil, createdAt: Timestamp, createdBy: String? = nil
    ) {
        self.id = id
        self.taskID = taskID
        self.target = target
        self.title = title
        self.createdAt = createdAt
        self.createdBy = createdBy
    }

    /// Whether a text is a URL rather than a path: it begins with a scheme (RFC 3986, section 3.1).
    public static func isURL(_ target: String) -> Bool {
        let scheme = target.utf8.prefix { $0 != UInt8(ascii: ":") }
        guard scheme.count > 1, scheme.count < target.utf8.count, let first = scheme.first else { return false }
        func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
        return isLetter(first)
            && scheme.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || "+-.".utf8.contains($0) }
    }

    /// Whether a URL is itself what a browser would run or show, and no place.
    public static func isScript(_ url: String) -> Bool {
        let scheme = url.unicodeScalars.prefix { $0 != ":" }
        return ["javascript", "vbscript", "data"].contains(String(scheme).lowercased())
    }

    /// The link as the documented JSON object.
    public var json: JSON {
        [
            "id": .string(id), "taskId": .string(taskID), "target": .string(target), "title": .optional(title),
            "createdAt": .string(createdAt.iso8601), "createdBy": .optional(createdBy),
        ]
    }
}
