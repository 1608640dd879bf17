import MinskyAI
import MinskyModel

/// One setting: its name, what it may be, and what it is when nobody says.
public struct ConfigurationKey: Sendable, Hashable {
    /// What a setting's value must look like.
    public enum Kind: Sendable, Hashable {
        case text
        /// One of some words.
        case choice([String])
        /// A whole number of at least 1.
        case number
        /// An `http` or `https` address.
        case address
        /// The path of a SQLite file, or a PostgreSQL URL.
        case database
        /// A number, with a point perhaps.
        case decimal
        /// A key or password; kept in a file only its owner can read, and never shown.
        case secret
    }

    public var name: String
    public var kind: Kind
    public var defaultValue: String?
    /// What the setting is for, in a few words.
    public var summary: String

    /// The environment variable of the setting: `ai.baseUrl` is `MINSKY_AI_BASE_URL`.
    public var variable: String {
        var result = "MINSKY_"
        for character in name {
            if character == "." {
                result += "_"
            } else {
                if character.isUppercase { result += "_" }
                result += character.uppercased()
            }
        }
        return result
    }

    public var isSecret: Bool { kind == .secret }

    /// Every setting there is, in the order they are listed.
    public static let all: [ConfigurationKey] = [
        .init(
            name: "ai.provider", kind: .choice(Provider.all.map(\.name)), defaultValue: "builtin",
            summary: "who breaks tasks down"),
        .init(name: "ai.baseUrl", kind: .address, summary: "the model server's address, up to /v1"),
        .init(name: "ai.model", kind: .text, summary: "the chat model"),
        .init(name: "ai.apiKey", kind: .secret, summary: "the key for ai.baseUrl"),
        .init(
            name: "ai.maxOutputTokens", kind: .number, defaultValue: "4096",
            summary: "the most tokens the model may write"),
        .init(
            name: "ai.timeoutSeconds", kind: .number, defaultValue: "120",
            summary: "the longest silence to bear from the model's server"),
        .init(
            name: "ai.embedding.provider", kind: .choice(Provider.all.map(\.name)),
            summary: "who makes embeddings; by default the server, once ai.embedding.model is set, else builtin"),
        .init(
            name: "ai.embedding.baseUrl", kind: .address,
            summary: "the embedding server's address; ai.baseUrl by default"),
        .init(name: "ai.embedding.model", kind: .text, summary: "the embedding model"),
        .init(
            name: "ai.embedding.apiKey", kind: .secret,
            summary: "the key for ai.embedding.baseUrl; ai.apiKey where both have one host"),
        .init(name: "actor", kind: .text, summary: "who you are in the change log; your user name by default"),
        .init(
            name: "actorKind", kind: .choice(["person", "agent"]), defaultValue: "person",
            summary: "whether the actor is a person or an agent"),
        .init(
            name: "database.url", kind: .database, defaultValue: "tasks.db",
            summary: "the database: a SQLite file, or postgresql://…"),
        .init(
            name: "database.schema", kind: .text, defaultValue: "minsky",
            summary: "the PostgreSQL schema of the workspace"),
        .init(
            name: "sync.url", kind: .database,
            summary: "the upstream: a SQLite file, or postgresql://…; minsky sync enable sets it"),
        .init(
            name: "sync.schema", kind: .text, defaultValue: "minsky", summary: "the PostgreSQL schema of the upstream"),
        .init(
            name: "sync.auto", kind: .choice(["on", "off"]), defaultValue: "on",
            summary: "whether a command that wrote starts a sync in the background"),
        .init(name: "context", kind: .text, summary: "the view whose conditions hold for every list"),
        .init(
            name: "list.columns", kind: .text,
            summary: "the columns of lists, such as priority,due,tags"),
        .init(
            name: "sync.compact", kind: .choice(["on", "off"]), defaultValue: "on",
            summary: "whether a sync in the background keeps the log short"),
        .init(
            name: "hooks.timeoutSeconds", kind: .number, defaultValue: "10",
            summary: "the longest a hook may take"),
        .init(
            name: "backup.keep", kind: .number, defaultValue: "10",
            summary: "how many backups are kept; minsky backup prune removes older ones"),
    ]

    /// Settings of which there are as many as a user gives names to: `view.today`.
    public enum Family: String, Sendable, CaseIterable {
        case view, field, urgency

        /// The setting of a name without the family's, or nil when it cannot have that name.
        func key(_ name: String) -> ConfigurationKey? {
            let key: (Kind, String) -> ConfigurationKey = {
                ConfigurationKey(name: "\(rawValue).\(name)", kind: $0, summary: $1)
            }
            switch self {
            case .view where CustomField.isWord(name): return key(.text, "a query to use as @\(name)")
            case .field where CustomField.isName(name):
                return key(
                    .choice(CustomField.Kind.allCases.map(\.rawValue)), "what the member \(name) of metadata holds")
            case .urgency:
                var coefficients = UrgencyCoefficients()
                return coefficients.set(name, to: 1) ? key(.decimal, "how much \(name) counts for urgency") : nil
            case .view, .field: return nil
            }
        }
    }

    /// The setting of a family with a name, or nil when there is no such family or it cannot have that name.
    static func inFamily(_ name: String) -> ConfigurationKey? {
        guard let dot = name.firstIndex(of: "."), let family = Family(rawValue: String(name[..<dot])) else {
            return nil
        }
        return family.key(String(name[name.index(after: dot)...]))
    }

    /// The setting of a name.
    /// - Throws: `AppError` with code `.invalidArgument` that suggests the nearest name.
    public static func named(_ name: String) throws -> ConfigurationKey {
        if let key = inFamily(name) { return key }
        if let key = all.first(where: { $0.name.lowercased() == name.lowercased() }) { return key }
        let nearest = NearestMatch.of(name, among: all.map(\.name))
        throw AppError(
            .invalidArgument, "there is no setting '\(name)'",
            hint: nearest.map { "Did you mean \($0)?" } ?? "minsky config list shows them all.")
    }

    /// Checks a value.
    /// - Throws: `AppError` with code `.invalidArgument`.
    public func check(_ value: String) throws {
        func fail(_ what: String, hint: String? = nil) -> AppError {
            AppError(.invalidArgument, "\(name) \(what)", hint: hint)
        }
        guard !value.isEmpty else { throw fail("cannot be empty", hint: "minsky config unset \(name) removes it.") }
        guard !value.unicodeScalars.contains(where: \.isTerminalControl) else {
            throw fail("cannot hold control characters")
        }
        switch kind {
        case .text: break
        case .choice(let words):
            guard words.contains(value) else {
                let nearest = NearestMatch.of(value, among: words).map { "Did you mean \($0)?" }
                throw fail("cannot be '\(value)'; it is one of: \(words.joined(separator: ", "))", hint: nearest)
            }
        case .number:
            guard let number = Int(value), (1...1_000_000).contains(number) else {
                throw fail("must be a whole number from 1 to 1000000, not '\(value)'")
            }
        case .decimal:
            guard let number = Double(value), number.isFinite, !name.hasSuffix(".days") || number > 0 else {
                throw fail("must be a number, not '\(value)'")
            }
        case .address:
            guard WebAddress.host(of: value) != nil else {
                // With an @ it may hold a password.
                let shown = value.contains("@") ? "one with a name or a password" : "'\(value)'"
                throw fail("must be an address such as http://localhost:8080/v1, not \(shown)")
            }
        case .database:
            guard [.path, .postgres].contains(ConnectionAddress(value).form) else {
                throw fail(
                    "must be the path of a SQLite file or a postgresql:// URL, not '\(ConnectionAddress(value).shown)'",
                    hint: "A path with unusual characters begins with ./ or /; a URL has %40 for @ in a name.")
            }
        case .secret:
            guard Self.isSecret(value) else { throw fail("cannot hold spaces") }
        }
    }

    /// Whether a text can be a key: it has no white space and no control characters.
    static func isSecret(_ text: String) -> Bool {
        !text.unicodeScalars.contains { $0.properties.isWhitespace || $0.isTerminalControl }
    }
}
