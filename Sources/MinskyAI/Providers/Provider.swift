/// Who breaks tasks down and makes embeddings: one of the values of `ai.provider` and `ai.embedding.provider`.
///
/// A further provider is a further entry of `all`.
public struct Provider: Sendable {
    /// The name in settings and records.
    public let name: String
    /// Whether it asks a server; then an address and a model have to be configured.
    public let isServer: Bool
    /// Where its server is unless a setting says otherwise; nil where there is no telling.
    public let defaultBaseURL: String?
    /// Whether its server answers nobody without a key.
    public let needsKey: Bool
    /// The variable in which its users keep a key, which goes to it when no setting has one.
    public let keyVariable: String?
    /// Makes its planner.
    public let planner: @Sendable (ProviderParts) throws -> any Planner
    /// Makes its embedder.
    public let embedder: @Sendable (ProviderParts) throws -> any Embedder
}

/// What planners and embedders are made of. A provider asks only for what it uses, so nothing else need be configured.
public struct ProviderParts: Sendable {
    /// The playbooks that ship and the workspace's own.
    public var library: @Sendable () throws -> PlaybookLibrary
    /// Earlier breakdowns of the workspace.
    public var earlier: [EarlierBreakdown]
    /// Which playbook is taken.
    public var selection = PlaybookSelection.fitting
    /// The model's name on the server.
    public var model: @Sendable () throws -> String
    /// The server.
    public var endpoint: @Sendable () throws -> Endpoint
    /// The most tokens a model may write.
    public var maximumTokens: Int

    /// Creates the parts.
    public init(
        library: @escaping @Sendable () throws -> PlaybookLibrary, earlier: [EarlierBreakdown],
        model: @escaping @Sendable () throws -> String, endpoint: @escaping @Sendable () throws -> Endpoint,
        maximumTokens: Int
    ) {
        self.library = library
        self.earlier = earlier
        self.model = model
        self.endpoint = endpoint
        self.maximumTokens = maximumTokens
    }
}

extension Provider {
    /// Every provider there is, in the order they are listed.
    public static let all = [
        builtin,
        openAICompatible("openai-compatible", keyVariable: "OPENAI_API_KEY"),
        openAICompatible(
            "openai", at: "https://api.openai.com/v1", needsKey: true, keyVariable: "OPENAI_API_KEY"),
        openAICompatible("ollama", at: "http://localhost:11434/v1"),
    ]

    /// The provider of a name, or nil when there is none.
    public static func named(_ name: String) -> Provider? { all.first { $0.name == name } }

    /// Works offline: playbooks and earlier breakdowns, and vectors that know spelling.
    public static let builtin = Provider(
        name: BuiltinPlanner.providerName, isServer: false, defaultBaseURL: nil, needsKey: false, keyVariable: nil,
        planner: { BuiltinPlanner(library: try $0.library(), earlier: $0.earlier, selection: $0.selection) },
        embedder: { _ in BuiltinEmbedder() }
    )

    /// A server with `/chat/completions` and `/embeddings`.
    private static func openAICompatible(
        _ name: String, at defaultBaseURL: String? = nil, needsKey: Bool = false, keyVariable: String? = nil
    ) -> Provider {
        Provider(
            name: name, isServer: true, defaultBaseURL: defaultBaseURL, needsKey: needsKey, keyVariable: keyVariable,
            planner: { parts in
                let model = try parts.model()
                return ModelPlanner(endpoint: try parts.endpoint(), model: model, maximumTokens: parts.maximumTokens)
            },
            embedder: { parts in
                let model = try parts.model()
                return EmbeddingClient(endpoint: try parts.endpoint(), model: model)
            })
    }
}
