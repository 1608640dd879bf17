import Foundation

/// What the variable `TZ` may hold (POSIX.1-2017, 8.3, and the names of the time zone database).
enum ZoneName {
    /// Whether the C library finds a zone by a value of `TZ`; where it does not, it takes UTC without a word.
    static func isKnown(_ value: String, folder: String?) -> Bool {
        let name = value.hasPrefix(":") ? String(value.dropFirst()) : value
        // What these mean is the same where there is no database of zones.
        if ["", "UTC", "GMT", "Etc/UTC"].contains(name) || isRule(name) { return true }
        let path = name.hasPrefix("/") ? name : (folder ?? "/usr/share/zoneinfo") + "/" + name
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        // How every file of the database begins (RFC 8536, section 3.1).
        return (try? file.read(upToCount: 4)) == Data("TZif".utf8)
    }

    /// Whether a value tells its offset itself, as in `EST5EDT` or `<-03>3`.
    private static func isRule(_ value: String) -> Bool {
        var rest = value[...]
        if rest.hasPrefix("<") {
            guard let close = rest.firstIndex(of: ">") else { return false }
            rest = rest[rest.index(after: close)...]
        } else {
            let letters = rest.prefix { $0.isASCII && $0.isLetter }
            guard letters.count >= 3 else { return false }
            rest = rest.dropFirst(letters.count)
        }
        if let sign = rest.first, "+-".contains(sign) { rest.removeFirst() }
        return rest.first.map { $0.isASCII && $0.isNumber } ?? false
    }
}

extension Environment {
    /// What `TZ` holds when that names no zone, so that all times are in UTC; nil when it does.
    public var unknownZone: String? {
        guard let value = variables["TZ"], !ZoneName.isKnown(value, folder: variables["TZDIR"]) else { return nil }
        return value
    }
}
