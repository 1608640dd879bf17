/// What an `http` or `https` address says about where it leads.
public enum WebAddress {
    /// The host and port in lower case, or nil for what is no such address, or one with a name or a password in it.
    public static func host(of address: String) -> String? {
        let lower = address.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix) else { return nil }
        let host = lower.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let isForbidden = { (scalar: Unicode.Scalar) in
            scalar.value <= 0x20 || "@\\\"'`<>{}|^%".unicodeScalars.contains(scalar)
        }
        guard !host.isEmpty, !host.unicodeScalars.contains(where: isForbidden) else { return nil }
        let name = nameAndPort(host).name
        guard name.hasPrefix("[") == name.hasSuffix("]") else { return nil }
        return name.isEmpty || nameAndPort(host).port?.utf8.allSatisfy(isDigit) == false ? nil : String(host)
    }

    /// The scheme, host and port in lower case: `https://api.openai.com`.
    public static func origin(of address: String) -> String? {
        host(of: address).map { (address.lowercased().hasPrefix("https:") ? "https://" : "http://") + $0 }
    }

    /// Whether a host, with or without a port, is this machine: `localhost`, `127.0.0.0/8` or `[::1]`, in no other
    /// spelling.
    public static func isLoopback(_ host: some StringProtocol) -> Bool {
        let (name, port) = nameAndPort(host.lowercased()[...])
        guard port?.utf8.allSatisfy(isDigit) ?? true else { return false }
        if name == "localhost" || name == "[::1]" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        // By digits: a number may have a sign for Swift, but not in an address.
        let isNumeric = parts.allSatisfy {
            (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy(isDigit) && UInt8($0) != nil
        }
        return parts.count == 4 && isNumeric && parts[0] == "127"
    }

    private static func nameAndPort(_ host: Substring) -> (name: Substring, port: Substring?) {
        if host.hasPrefix("["), let close = host.firstIndex(of: "]") {
            let rest = host[host.index(after: close)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return (host, nil) }
            return (host[...close], rest.isEmpty ? nil : rest.dropFirst())
        }
        guard let colon = host.firstIndex(of: ":") else { return (host, nil) }
        return (host[..<colon], host[host.index(after: colon)...])
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
