/// The parts of a connection URL that no message may show.
struct ConnectionSecrets {
    private let url: String
    /// The URL cut at its secrets, so that nothing in it is one.
    private let rest: [String]
    private let holdsQuote: Bool

    init(url: String) {
        self.url = url
        var secrets: [Range<String.Index>] = []
        if let scheme = url.firstRange(of: "://"), let colon = url[scheme.upperBound...].firstIndex(of: ":") {
            // A password that should have been written with percent signs may hold anything, so it ends at the last @.
            // Without one, libpq reads what follows as a port.
            let start = url.index(after: colon)
            let end = url.lastIndex(of: "@") ?? url[start...].firstIndex { "/?#".contains($0) } ?? url.endIndex
            if start < end { secrets.append(start..<end) }
        }
        for key in url.ranges(of: "password=") {
            secrets.append(key.upperBound..<(url[key.upperBound...].firstIndex { "& ".contains($0) } ?? url.endIndex))
        }
        secrets.sort { $0.lowerBound < $1.lowerBound }
        var rest: [String] = []
        var start = url.startIndex
        for secret in secrets {
            if start < secret.lowerBound { rest.append(String(url[start..<secret.lowerBound])) }
            start = max(start, secret.upperBound)
        }
        rest.append(String(url[start...]))
        self.rest = rest
        holdsQuote = secrets.contains { Self.decoded(String(url[$0])).contains("\"") }
    }

    /// A message of libpq, which quotes parts of the URL, without those that are secret or hold a secret.
    func hidden(in message: String) -> String {
        guard !holdsQuote else { return "the server cannot be reached, or its URL is malformed" }
        let decoded = Self.decoded(url)
        let parts = message.split(separator: "\"", omittingEmptySubsequences: false).enumerated().map { index, part in
            guard index % 2 == 1, !part.isEmpty else { return String(part) }
            let isShownAnyway = rest.contains { $0.contains(part) }
            return !isShownAnyway && (url.contains(part) || decoded.contains(part)) ? "…" : String(part)
        }
        return parts.joined(separator: "\"")
    }

    /// A text with its percent signs read as libpq reads them.
    private static func decoded(_ text: String) -> String {
        var rest = Array(text.utf8)[...]
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let decoded = UInt8(digits, radix: 16) {
                bytes.append(decoded)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
