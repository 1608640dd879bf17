import MinskyApp

/// `minsky help TOPIC` and `minsky help topics`; the parser answers `minsky help COMMAND`.
struct HelpRequest {
    /// A page, or nil for the list of them.
    private let topic: HelpTopic?
    private let arguments: [String]

    /// The request that arguments make, or nil when they make none. Where a command has the name of a page, the page is
    /// shown, and `--help` behind the command tells its options.
    init?(_ arguments: [String]) {
        let words = arguments.filter { !$0.hasPrefix("-") }
        guard words.count == 2, words[0] == "help", arguments.first == "help" || arguments.first?.hasPrefix("-") == true
        else { return nil }
        topic = HelpTopic.named(words[1])
        guard topic != nil || words[1] == "topics" else { return nil }
        self.arguments = arguments.filter { $0.hasPrefix("-") }
    }

    func run(in environment: Environment, _ streams: Streams) throws {
        let console = Console(options: try GlobalOptions.parse(arguments), environment: environment, streams: streams)
        if let topic { console.show(topic) } else { console.showTopics() }
    }
}
