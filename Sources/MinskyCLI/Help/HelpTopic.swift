import MinskyModel

/// A page of the documentation that `minsky help TOPIC` shows. The folder `Topics` links to the files in `docs`.
struct HelpTopic: Sendable {
    let name: String
    let summary: String
    private let bytes: @Sendable () -> [UInt8]

    private init(_ name: String, _ summary: String, _ bytes: @escaping @Sendable () -> [UInt8]) {
        self.name = name
        self.summary = summary
        self.bytes = bytes
    }

    static let agents = HelpTopic("agents", "how an agent works with minsky") { PackageResources.agents_md }

    static let all = [
        HelpTopic("queries", "which tasks: +db due<fri is:ready") { PackageResources.queries_md },
        HelpTopic("dates", "fri, +2w, end of month") { PackageResources.dates_md },
        HelpTopic("urgency", "what makes a task come next") { PackageResources.urgency_md },
        HelpTopic("recurrence", "every 2 weeks, monthly on the last friday") { PackageResources.recurrence_md },
        HelpTopic("lists", "many tasks at once: lists, templates, fields of your own") { PackageResources.lists_md },
        HelpTopic("hooks", "programs of yours that look at tasks before they are stored") {
            PackageResources.hooks_md
        },
        HelpTopic("sync", "working alone and meeting others at an upstream") { PackageResources.sync_md },
        HelpTopic("formats", "tasks from and for other programs") { PackageResources.formats_md },
        agents,
        HelpTopic("configuration", "settings, variables, files") { PackageResources.configuration_md },
        HelpTopic("exit-codes", "what a script can decide by") { PackageResources.exit_codes_md },
    ]

    static func named(_ name: String) -> HelpTopic? { all.first { $0.name == name.lowercased() } }

    /// The page as Markdown.
    var text: String { String(decoding: bytes(), as: UTF8.self) }

    /// What stands below a heading, up to the next one of its rank; empty when there is no such heading.
    func section(_ heading: String) -> String {
        var lines: [Substring] = []
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("## ") {
                isInside = line.dropFirst(3) == heading
            } else if isInside {
                lines.append(line)
            }
        }
        return lines.joined(separator: "\n").trimmingSpace
    }
}

extension Console {
    /// Shows a page for `minsky help TOPIC`.
    func show(_ topic: HelpTopic) {
        let text = topic.text
        show(json: ["topic": .string(topic.name), "markdown": .string(text)], ids: [text]) {
            TopicPage(text, style: style, width: min(width, 100)).lines()
        }
    }

    /// Lists the pages for `minsky help topics`.
    func showTopics() {
        show(
            json: .array(HelpTopic.all.map { ["name": .string($0.name), "summary": .string($0.summary)] }),
            ids: HelpTopic.all.map(\.name)
        ) {
            HelpTopic.all.map { TextWidth.pad($0.name, to: 15) + $0.summary }
        }
        note("minsky help TOPIC shows one; minsky help COMMAND how a command is used.")
    }
}
