import MinskyAI
import MinskyModel

/// A model server as configured: the address, and the key that goes to it.
public struct ModelServer: Sendable {
    public var baseURL: String
    public var apiKey: String?
    /// Where the key comes from, or nil without one.
    public var keySource: Configuration.Source?
}

extension Configuration {
    /// Who breaks tasks down.
    public var chatProvider: Provider { value("ai.provider").flatMap(Provider.named) ?? .builtin }

    /// Who makes embeddings.
    public var embeddingProvider: Provider {
        if let name = value("ai.embedding.provider") { return Provider.named(name) ?? .builtin }
        return value("ai.embedding.model") == nil ? .builtin : chatProvider
    }

    /// Whether tasks are broken down by a model server rather than by the built-in planner.
    public var usesModelServer: Bool { chatProvider.isServer }

    /// Whether embeddings come from a server.
    public var usesEmbeddingServer: Bool { embeddingProvider.isServer }

    /// The chat model's name.
    /// - Throws: `AIError` with code `.notConfigured`.
    public func chatModel() throws -> String {
        try required("ai.model", example: "gpt-5-mini")
    }

    /// The embedding model's name.
    /// - Throws: `AIError` with code `.notConfigured`.
    public func embeddingModel() throws -> String {
        try required("ai.embedding.model", example: "text-embedding-3-small")
    }

    /// The server that breaks tasks down.
    /// - Throws: `AIError` with code `.notConfigured`; `AppError` with code `.refused` when the key may not go there.
    public func chatServer() throws -> ModelServer {
        try server(of: chatProvider, at: try chatAddress(), secretKeys: ["ai.apiKey"])
    }

    /// The server that makes embeddings: that of the chat model unless another address or another provider is set.
    public func embeddingServer() throws -> ModelServer {
        let provider = embeddingProvider
        if let own = value("ai.embedding.baseUrl") {
            return try server(of: provider, at: (own, "ai.embedding.baseUrl"), secretKeys: embeddingKeys(for: own))
        }
        if provider.name != chatProvider.name, let own = provider.defaultBaseURL {
            return try server(of: provider, at: (own, nil), secretKeys: embeddingKeys(for: own))
        }
        return try server(of: provider, at: try chatAddress(), secretKeys: ["ai.embedding.apiKey", "ai.apiKey"])
    }

    /// Where the chat model's server is, and the setting that says so, if one does.
    private func chatAddress() throws -> (url: String, setting: String?) {
        if value("ai.baseUrl") == nil, let url = chatProvider.defaultBaseURL { return (url, nil) }
        return (try required("ai.baseUrl", example: "http://localhost:8080/v1"), "ai.baseUrl")
    }

    /// The chat model's key goes to the embedding server only where both are one.
    private func embeddingKeys(for address: String) -> [String] {
        let sharesHost = (try? chatAddress().url).flatMap(WebAddress.host) == WebAddress.host(of: address)
        return ["ai.embedding.apiKey"] + (sharesHost ? ["ai.apiKey"] : [])
    }

    private func required(_ name: String, example: String) throws -> String {
        guard let value = value(name) else {
            throw AIError(
                .notConfigured, "\(name) is not set; for example: minsky config set \(name) \(example)")
        }
        return value
    }

    /// Finds the key for an address and makes sure that it may go there.
    ///
    /// A workspace's file can come from anybody who shares the workspace. A key of the user's goes to an address from
    /// there only when it is this machine, or when the user has named its origin with `config set`.
    private func server(
        of provider: Provider, at address: (url: String, setting: String?), secretKeys: [String]
    ) throws -> ModelServer {
        guard let host = WebAddress.host(of: address.url), let origin = WebAddress.origin(of: address.url) else {
            throw AIError(.notConfigured, "\(address.setting ?? provider.name) is not an address")
        }
        guard let found = try key(of: provider, among: secretKeys) else {
            if let secretsProblem { throw secretsProblem }
            guard !provider.needsKey else {
                throw AIError(.notConfigured, "\(provider.name) needs a key, and none is set: \(secretKeys[0])")
            }
            return ModelServer(baseURL: address.url, apiKey: nil, keySource: nil)
        }
        if let workspace, let name = address.setting,
            try setting(name).source == .file(workspace.configurationPath), !WebAddress.isLoopback(host),
            origin != "https://api.openai.com",
            try !UserSecrets(environment: environment).trustedOrigins().contains(origin)
        {
            throw AppError(
                .refused,
                "the workspace's config.toml asks to send your key (\(found.source.text)) to \(origin), which you have not approved",
                hint: "If you trust that server: minsky config set \(name) \(address.url.shellQuoted)")
        }
        return ModelServer(baseURL: address.url, apiKey: found.key, keySource: found.source)
    }

    private func key(of provider: Provider, among names: [String]) throws -> (key: String, source: Source)? {
        for name in names {
            if let setting = try? setting(name), let key = setting.value { return (key, setting.source) }
        }
        guard let variable = provider.keyVariable,
            let key = environment.variables[variable]?.trimmingSpace, !key.isEmpty
        else { return nil }
        guard ConfigurationKey.isSecret(key) else {
            throw AppError(.configuration, "a key cannot hold spaces or control characters (from \(variable))")
        }
        return (key, .variable(variable))
    }

    /// A provider's planner, made of what is configured; the configured provider's unless another is named.
    /// - Throws: `AIError` with code `.notConfigured` or `.badPlaybook`; `AppError`.
    func planner(
        of provider: Provider? = nil, earlier: [EarlierBreakdown], selection: PlaybookSelection = .fitting,
        onCall: @escaping @Sendable (CallReport) -> Void
    ) throws -> any Planner {
        var parts = parts(
            earlier: earlier, model: chatModel,
            endpoint: { endpoint(try chatServer(), of: chatProvider, onCall: onCall) })
        parts.selection = selection
        return try (provider ?? chatProvider).planner(parts)
    }

    /// The embedder, made of what is configured.
    /// - Throws: `AIError` with code `.notConfigured`; `AppError`.
    func embedder(onCall: @escaping @Sendable (CallReport) -> Void) throws -> any Embedder {
        try embeddingProvider.embedder(
            parts(
                earlier: [], model: embeddingModel,
                endpoint: { endpoint(try embeddingServer(), of: embeddingProvider, onCall: onCall) }))
    }

    private func parts(
        earlier: [EarlierBreakdown], model: @escaping @Sendable () throws -> String,
        endpoint: @escaping @Sendable () throws -> Endpoint
    ) -> ProviderParts {
        ProviderParts(
            library: { try PlaybookLibrary(own: try workspace?.playbooks() ?? []) }, earlier: earlier, model: model,
            endpoint: endpoint, maximumTokens: number("ai.maxOutputTokens"))
    }

    private func endpoint(
        _ server: ModelServer, of provider: Provider, onCall: @escaping @Sendable (CallReport) -> Void
    ) -> Endpoint {
        Endpoint(
            baseURL: server.baseURL, apiKey: server.apiKey, provider: provider.name,
            secrets: environment.keys() + environment.proxyPasswords(),
            idleTimeout: .seconds(number("ai.timeoutSeconds")), onCall: onCall)
    }
}
