/// What a task is about, as a phrase that can stand inside a sentence.
enum Subject {
    /// How many characters of a title are repeated in subtasks.
    private static let longest = 80

    /// The title without the verb it begins with, where that can be cut off with confidence: "Build the login page" gives
    /// "the login page", "Bake a cake" gives "the cake". Otherwise the whole title in quotation marks, as it was typed:
    /// questions, statements, errands, titles with a tag in brackets, titles in another language.
    static func of(_ title: String) -> String { cut(title) ?? whole(title) }

    /// The title in quotation marks, as it was typed.
    static func whole(_ title: String) -> String { "“\(clipped(title))”" }

    /// The title without its verb, or nil when it cannot be cut with confidence.
    static func cut(_ title: String) -> String? {
        let text = clipped(title)
        guard text.last != "…", text.last != "?", !text.contains(where: "[]“”\"\n".contains) else { return nil }
        let reading = TaskTitle(text)
        guard !reading.isForeign, reading.kind != .errand else { return nil }
        var words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        // "fix:" or "feat(auth):" says what kind of work it is, not what it is about.
        if let first = words.first, first.last == ":", first.first?.isLowercase == true { words.removeFirst() }
        // A second sentence.
        guard !words.dropLast().contains(where: { $0.last.map(".!?;:—".contains) ?? true }) else { return nil }
        guard let length = verbLength(words) else { return nil }
        let verb = words[0].lowercased()
        var rest = words[length...]
        if let next = rest.first?.lowercased(), ["for", "about"].contains(next), takesFor.contains(verb) {
            rest = rest.dropFirst()
        }
        guard let first = rest.first?.lowercased(), !joining.contains(first) else { return nil }
        // "User to Account" is no thing.
        if becoming.contains(verb), rest.contains(where: { ["to", "into"].contains($0.lowercased()) }) { return nil }
        if ["a", "an"].contains(first) {
            rest = rest.dropFirst()
            guard let noun = rest.first, !["few", "couple", "lot", "bit"].contains(noun.lowercased()) else {
                return nil
            }
            rest = ["the"] + rest
        } else if first == "the" {
            rest = ["the"] + rest.dropFirst()
        }
        let subject = rest.joined(separator: " ")
        let end = subject.lastIndex { !".!:;,".contains($0) }
        return end.map { String(subject[...$0]) }
    }

    /// A title on one line, with its end left out when it is long.
    private static func clipped(_ title: String) -> String {
        // As many scalars as a long title has at most; whatever is behind them is not looked at.
        let scalars = title.unicodeScalars.prefix(longest * 8)
        let isCut = scalars.endIndex != title.unicodeScalars.endIndex
        let line = String(String.UnicodeScalarView(scalars)).split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
        guard isCut || line.count > longest else { return line }
        let start = line.prefix(longest)
        let words = start.lastIndex(of: " ").map { start[..<$0] } ?? start
        return String(words.unicodeScalars.prefix(longest * 4)) + "…"
    }

    /// How many words the verb takes that a title begins with, or nil when it seems to begin with none.
    private static func verbLength(_ words: [String]) -> Int? {
        guard words.count > 1 else { return nil }
        let (verb, next) = (words[0].lowercased(), words[1].lowercased())
        guard words[0].dropFirst().allSatisfy(\.isLowercase) else { return nil }
        let (isVerb, isNounToo) = (verbs.contains(verb), nounsToo.contains(verb))
        if verb == "get", next == "better", words.count > 3, words[2] == "at" { return 3 }
        if words.count > 2, ["up", "out", "down", "off"].contains(next), isVerb || isNounToo { return 2 }
        if ["for", "about"].contains(next), takesFor.contains(verb) { return 1 }
        if isVerb { return followers[verb]?.contains(next) == true ? nil : 1 }
        guard isNounToo else { return nil }
        // "Release the app" and "Release 3.1", but not "Release notes" or "Test Coverage Report".
        let isHeading = words.count > 2 && words.allSatisfy { $0.first?.isUppercase == true }
        let isName = words[1].first?.isUppercase == true && !isHeading
        return determiners.contains(next) || isName || next.contains(where: \.isNumber) ? 1 : nil
    }

    /// The items of the lists in a description: lines that begin with `-`, `*`, `•`, `[ ]` or a number.
    static func items(in description: String?) -> [String] {
        Words.beginning(of: description ?? "", bytes: Words.byteLimit).split(whereSeparator: \.isNewline).compactMap {
            line in
            var text = line.trimmed
            if let first = text.first, "-*•".contains(first),
                text.dropFirst().first?.isWhitespace ?? true || first == "•"
            {
                text = text.dropFirst().trimmed
            } else {
                let digits = text.prefix(while: \.isNumber)
                let rest = text.dropFirst(digits.count)
                guard !digits.isEmpty, let mark = rest.first, mark == "." || mark == ")", rest.dropFirst().first == " "
                else {
                    return nil
                }
                text = rest.dropFirst().trimmed
            }
            for box in ["[ ]", "[x]", "[X]"] where text.hasPrefix(box) { text = text.dropFirst(3).trimmed }
            return text.isEmpty ? nil : clipped(text)
        }
    }

    /// A text with `{subject}` and `{item}` filled in; what is filled in is not looked through again.
    static func fill(_ text: String, subject: String, item: String) -> String {
        text.split(separator: "{subject}", omittingEmptySubsequences: false).map { part in
            part.split(separator: "{item}", omittingEmptySubsequences: false).joined(separator: item)
        }.joined(separator: subject)
    }

    private static func set(_ words: String) -> Set<String> { Set(words.split(separator: " ").map(String.init)) }

    /// Verbs after which "for" or "about" comes before the thing itself.
    private static let takesFor: Set<String> = ["learn", "prepare", "study"]
    /// Verbs that say what something becomes.
    private static let becoming: Set<String> = ["convert", "migrate", "move", "port", "rename", "switch", "turn"]
    /// Words after a verb with which something begins that is no thing.
    private static let joining = set(
        """
        about across after against and as at because before behind between beyond by during for from how if in inside into \
        is near not of on onto or out over so than that through to toward towards under until up via what when where \
        whether which while who why with within without
        """)
    static let determiners = set(
        "a an the my our your their his her its this that these those all both every each some any new version another")
    /// Verbs that are names of things before certain words.
    private static let followers: [String: Set<String>] = [
        "build": set(
            "time times log logs server script scripts pipeline step steps error errors failure failures tool"),
        "learn": set("better"), "write": set("access"), "read": set("access"),
    ]
    /// Words that are as often names of things.
    static let nounsToo = set(
        """
        access address alert approach audit average backup balance batch blog cache call cause change chart check claim \
        comment contact contract control copy cost cover cut debug delay demo design display document draft drive drop \
        email estimate exchange experiment export file filter fit flag focus form format group guide host import increase \
        index integrate interview issue label launch lead limit link list load lock log map mark market master match \
        measure merge mirror model monitor name note number object offer order outline pack package paint park patch plan \
        plant point port post practice present process profile program project protest prototype purchase query question \
        rank rate record redesign reduce reference refresh release remodel repair report request research reset restore \
        result retire return review roll route run sample scan schedule scope score screen script search set ship show sign \
        sketch sort source split sponsor stage stamp start state stock stop store study stream stress style summary supply \
        support survey switch sync table tag target task tax template test time title tour track trade train transfer \
        translate travel treat trigger trim tune update upgrade use value view visit voice vote wallpaper watch water wire \
        work wrap
        """)
    static let verbs = set(
        """
        add adopt analyze analyse apply arrange assemble assess automate bake brew build bump calculate celebrate choose \
        clarify clean collect compare complete configure connect containerize convert cook create declutter decorate \
        decouple define deliver deploy deprecate describe determine develop diagnose disable discuss dockerize enable \
        encrypt enforce enhance establish evaluate examine expand explain explore expose extend extract finish fix gather \
        generate handle harden hire identify implement improve ingest install integrate introduce investigate learn \
        localize maintain manage migrate mitigate modernize modularize move negotiate onboard optimize optimise \
        organize organise overhaul parse polish predict prepare prevent provide prune publish read rebuild recover recruit \
        redesign reduce refactor refine remodel remove rename renovate reorganize repair replace reproduce resolve \
        respond restructure revise rework rewrite secure sell separate simplify solve speed stabilize stabilise \
        standardize streamline summarize tidy troubleshoot understand unify validate verify visualize write
        """
    )
}
