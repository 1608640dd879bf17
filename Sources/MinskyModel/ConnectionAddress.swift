/// Where something is kept or reached, as somebody wrote it, and what in that is secret.
///
/// This is the one place that takes passwords out of addresses: of databases, of model servers and of proxies.
public struct ConnectionAddress: Sendable, Hashable {
    /// What a text names.
    public enum Form: Sendable, Hashable {
        /// A file.
        case path
        /// A PostgreSQL database, as libpq's URLs name it (PostgreSQL's manual, 34.1.1.2).
        case postgres
        /// A place on the web.
        case web
        /// None of these, or not spelled as it has to be.
        case other
    }

    /// The address as it was written.
    public let text: String
    public let form: Form
    /// The address as it may be shown: `…` stands for each secret, and for all of what is no address.
    public let shown: String
    /// The passwords in it, as they stand there and with their percent signs read.
    public let secrets: [String]
    /// What is left of the text around the secrets.
    private let rest: [String]

    /// Reads an address.
    public init(_ text: String) {
        self.text = text
        let places = Self.secretPlaces(in: text)
        var (rest, secrets): ([String], [String]) = ([], [])
        var start = text.startIndex
        for place in places where place.lowerBound >= start {
            rest.append(String(text[start..<place.lowerBound]))
            let secret = String(text[place])
            // A name and a password stand together in a web address.
            let parts =
                [secret] + (secret.firstIndex(of: ":").map { [String(secret[secret.index(after: $0)...])] } ?? [])
            secrets += parts + parts.filter { $0.contains("%") }.map(PercentSigns.decoded)
            start = place.upperBound
        }
        rest.append(String(text[start...]))
        self.rest = rest
        self.secrets = secrets
        if Self.isPath(text) {
            form = .path
        } else if PostgresURL.isValid(text) {
            form = .postgres
        } else {
            form = WebAddress.host(of: rest.joined().replacing("://@", with: "://")) == nil ? .other : .web
        }
        // Of what cannot be read nobody knows what in it is secret.
        shown = form == .other ? Self.scheme(of: text) + "…" : rest.joined(separator: "…")
    }

    /// The address without its secrets, which still leads to the same database: `postgresql://ada@host/db` for
    /// `postgresql://ada:secret@host/db?password=other`.
    public var withoutSecrets: String {
        var kept = ""
        var start = text.startIndex
        for place in Self.secretPlaces(in: text) where place.lowerBound >= start {
            let lead = text[start..<place.lowerBound]
            start = place.upperBound
            if lead.hasSuffix("=") {
                // A parameter goes with its name and the `&` after it.
                if let mark = lead.lastIndex(where: { "?&".contains($0) }) { kept += lead[...mark] }
                if text[start...].hasPrefix("&") { start = text.index(after: start) }
            } else {
                kept += lead.hasSuffix(":") ? lead.dropLast() : lead
            }
        }
        kept += text[start...]
        if holdsSecret, let last = kept.last, "?&".contains(last) { kept.removeLast() }
        return kept
    }

    /// Whether it carries a password.
    public var holdsSecret: Bool { !secrets.isEmpty }

    /// A message about this address that may be shown: without its secrets and others that go with it, and without what a
    /// driver quotes of the address that may be a part of one.
    public func hidden(in message: String, with others: [String] = []) -> String {
        guard !secrets.contains(where: { $0.contains("\"") }) else {
            return "the server cannot be reached, or its URL is malformed"
        }
        let decoded = PercentSigns.decoded(text)
        let parts = message.split(separator: "\"", omittingEmptySubsequences: false).enumerated().map { index, part in
            guard index % 2 == 1, !part.isEmpty else { return String(part) }
            let isShownAnyway = isShown(part)
            return !isShownAnyway && (text.contains(part) || decoded.contains(part)) ? "…" : String(part)
        }
        // A password that is also the user's name, say, would be hidden where that is meant.
        let words = form == .other ? [] : rest.flatMap { $0.split { "/:@?&=,[]".contains($0) } }
        let hidden = (secrets + others).filter { !words.contains($0[...]) }
        return Redactor(hidden).redacted(parts.joined(separator: "\""))
    }

    private func isShown(_ part: Substring) -> Bool { form != .other && rest.contains { $0.contains(part) } }

    /// The scheme an address begins with, `://` included; empty when there is none.
    private static func scheme(of text: String) -> String {
        guard let end = text.firstRange(of: "://") else { return "" }
        let isScheme = text[..<end.lowerBound].utf8.allSatisfy {
            (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        }
        return isScheme ? String(text[..<end.upperBound]) : ""
    }

    /// A path says by its beginning that it is one, or holds nothing that an address or libpq's `key=value` has.
    private static func isPath(_ text: String) -> Bool {
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else { return false }
        if ["./", "../", "~/"].contains(where: text.hasPrefix) { return true }
        if text.hasPrefix("/") { return !text.hasPrefix("//") }
        return !text.utf8.contains { ":@=".utf8.contains($0) }
    }

    /// Where passwords stand, in order.
    private static func secretPlaces(in url: String) -> [Range<String.Index>] {
        guard let scheme = url.firstRange(of: "://") else { return [] }
        let body = url[scheme.upperBound...]
        // A password without percent signs may hold any character, `?` too: parameters have an `=`.
        var question = body.firstIndex(of: "?")
        while let mark = question {
            let parameter = body[body.index(after: mark)...].prefix { $0 != "?" }
            if parameter.contains("=") { break }
            question = body[body.index(after: mark)...].firstIndex(of: "?")
        }
        let place = body[..<(question ?? body.endIndex)]
        var places: [Range<String.Index>] = []
        let isWeb = ["http", "https"].contains(url[..<scheme.lowerBound].lowercased())
        if isWeb {
            // A name may be a key as well; what follows the path has no @ that counts.
            let authority = body.prefix { !"/?#".contains($0) }
            if let at = authority.lastIndex(of: "@"), at > authority.startIndex {
                places.append(authority.startIndex..<at)
            }
        } else if let at = place.lastIndex(of: "@"), let colon = place[..<at].firstIndex(of: ":"),
            place.index(after: colon) < at
        {
            places.append(place.index(after: colon)..<at)
        }
        guard let question else { return places }
        for parameter in body[body.index(after: question)...].split(separator: "&") {
            guard let equals = parameter.firstIndex(of: "=") else { continue }
            // libpq reads percent signs in names too.
            let name = PercentSigns.decoded(String(parameter[..<equals])).lowercased()
            let value = parameter[parameter.index(after: equals)...]
            if !value.isEmpty, isSecret(parameter: name) { places.append(value.startIndex..<value.endIndex) }
        }
        return places
    }

    /// `password`, `sslpassword`, and what PostgreSQL 18 added beside them.
    private static func isSecret(parameter name: String) -> Bool {
        name.hasSuffix("password") || ["oauth_client_secret", "scram_client_key", "scram_server_key"].contains(name)
    }
}

/// Reads what a percent sign and two hexadecimal digits stand for.
private enum PercentSigns {
    static func decoded(_ text: String) -> String {
        var rest = Array(text.utf8)[...]
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2, digits.allSatisfy(isHexDigit),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "a")...UInt8(ascii: "f"):
            true
        default: false
        }
    }
}

/// The strict form of libpq's URLs: whatever libpq could read in another way than a person does is none.
private enum PostgresURL {
    static func isValid(_ text: String) -> Bool {
        guard let scheme = ["postgresql://", "postgres://"].first(where: text.hasPrefix) else { return false }
        guard !text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }), percentSignsAreRead(text)
        else { return false }
        let body = text.dropFirst(scheme.count)
        let question = body.firstIndex(of: "?")
        let place = body[..<(question ?? body.endIndex)]
        let slash = place.firstIndex(of: "/")
        let authority = place[..<(slash ?? place.endIndex)]
        guard slash.map({ allows(place[place.index(after: $0)...]) }) ?? true else { return false }
        guard isUserAndHosts(authority) else { return false }
        guard let question else { return true }
        return body[body.index(after: question)...].split(separator: "&", omittingEmptySubsequences: false)
            .allSatisfy { parameter in
                let name = parameter.prefix { $0 != "=" }
                let isName = !name.isEmpty && name.utf8.allSatisfy { isLetter($0) || $0 == UInt8(ascii: "_") }
                return isName && name.endIndex < parameter.endIndex
                    && !parameter.utf8.contains { "#;".utf8.contains($0) }
            }
    }

    private static func isUserAndHosts(_ authority: Substring) -> Bool {
        var hosts = authority
        if let at = authority.firstIndex(of: "@") {
            let user = authority[..<at]
            guard allows(user.prefix { $0 != ":" }) else { return false }
            hosts = authority[authority.index(after: at)...]
        }
        return hosts.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { host in
            var name = host
            if host.hasPrefix("["), let close = host.firstIndex(of: "]") {
                guard
                    host[host.index(after: host.startIndex)..<close].allSatisfy({ $0.isHexDigit || ":.".contains($0) })
                else { return false }
                name = "host" + host[host.index(after: close)...]
            }
            guard let colon = name.firstIndex(of: ":") else { return allows(name) }
            let port = name[name.index(after: colon)...]
            return allows(name[..<colon]) && port.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
    }

    /// Letters, digits, `-._~` and percent signs (RFC 3986's unreserved characters), and what is not ASCII.
    private static func allows(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 >= 0x80 || "-._~%".utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func percentSignsAreRead(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.allSatisfy { index in
            bytes[index] != UInt8(ascii: "%")
                || (index + 2 < bytes.count && bytes[(index + 1)...(index + 2)].allSatisfy(PercentSigns.isHexDigit))
        }
    }
}
