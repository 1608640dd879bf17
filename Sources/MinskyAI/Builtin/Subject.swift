/// What a task is about: its title without the verb it begins with.
enum Subject {
    /// "Build user authentication" gives "user authentication"; "The login page" gives "login page".
    static func of(_ title: String) -> String {
        var words = title.split(whereSeparator: \.isWhitespace).map(String.init)
        // "fix:" or "feat(auth):" says what kind of work it is, not what it is about.
        if let first = words.first, first.hasSuffix(":"), words.count > 1 { words.removeFirst() }
        // "Set up", "roll out": a verb of two words.
        if words.count > 2, isVerb(words[0]), ["up", "out", "down", "off", "in"].contains(words[1].lowercased()) {
            words.removeFirst(2)
        } else if words.count > 1, isVerb(words[0]) {
            words.removeFirst()
        }
        // "Migrate to PostgreSQL" is about PostgreSQL.
        if words.count > 1,
            ["about", "at", "for", "from", "into", "on", "onto", "over", "to", "with"].contains(words[0].lowercased())
        {
            words.removeFirst()
        }
        while words.count > 1, ["a", "an", "the", "our", "my", "your"].contains(words[0].lowercased()) {
            words.removeFirst()
        }
        guard let first = words.first else { return title }
        // "Login page" becomes "login page" inside a sentence; "OAuth" and "API" stay as they are.
        if first.first?.isUppercase == true, first.dropFirst().allSatisfy(\.isLowercase), first.count > 1,
            !isName(first)
        {
            words[0] = first.lowercased()
        }
        let subject = words.joined(separator: " ")
        let trimmed = subject.reversed().drop { ".!?:;".contains($0) }
        return trimmed.isEmpty ? subject : String(trimmed.reversed())
    }

    /// A text with `{subject}` and `{item}` filled in; what is filled in is not looked through again.
    static func fill(_ text: String, subject: String, item: String) -> String {
        text.split(separator: "{subject}", omittingEmptySubsequences: false).map { part in
            part.split(separator: "{item}", omittingEmptySubsequences: false).joined(separator: item)
        }.joined(separator: subject)
    }

    /// The items of the lists in a description: lines that begin with `-`, `*`, `•`, `[ ]` or a number.
    static func items(in description: String?) -> [String] {
        (description ?? "").split(whereSeparator: \.isNewline).compactMap { line in
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
            return text.isEmpty ? nil : text
        }
    }

    private static func isVerb(_ word: String) -> Bool {
        verbs.contains(word.lowercased().filter { $0.isLetter || $0 == "-" })
    }

    /// Words that are written with a capital anywhere; few, because most names have another capital or a digit in them.
    private static func isName(_ word: String) -> Bool {
        [
            "Android", "Apache", "Azure", "Debian", "Django", "Docker", "English", "Excel", "French", "German", "Git",
            "Go",
            "Google", "Hugo", "Java", "Jekyll", "Jenkins", "Jira", "Kafka", "Kubernetes", "Linux", "Monday", "Postgres",
            "Python", "Rails", "React", "Redis", "Ruby", "Rust", "Slack", "Spanish", "Spring", "Stripe", "Swift",
            "Terraform", "Ubuntu", "Vue", "Windows",
        ].contains(word)
    }

    private static let verbs: Set<String> = [
        "add", "address", "adopt", "allow", "analyze", "announce", "apply", "arrange", "assemble", "assess", "audit",
        "automate", "bake", "book", "brew", "bring", "build", "bump", "buy", "calculate", "celebrate", "change",
        "check", "choose", "clarify", "clean", "close", "collect", "compare", "complete", "configure", "connect",
        "containerize", "convert", "cook", "copy", "create", "cut", "debug", "decide", "declutter", "decorate",
        "decouple", "define", "deliver", "deploy", "deprecate", "describe", "design", "detect", "determine", "develop",
        "diagnose", "disable", "discuss", "document", "draft", "drop", "enable", "encrypt", "enforce", "ensure",
        "establish", "estimate", "evaluate", "examine", "expand", "explain", "explore", "export", "expose", "extend",
        "extract", "fetch", "find", "finish", "fix", "gather", "generate", "get", "give", "handle", "harden", "help",
        "hire", "host", "identify", "implement", "import", "improve", "increase", "index", "install", "instrument",
        "integrate", "introduce", "investigate", "launch", "learn", "let", "limit", "localize", "log", "make", "manage",
        "measure", "meet", "merge", "migrate", "mitigate", "modernize", "modularize", "monitor", "move", "negotiate",
        "onboard", "optimize", "organize", "overhaul", "pack", "paint", "parse", "patch", "pay", "plan", "polish",
        "port", "practice", "predict", "prepare", "present", "prevent", "profile", "prototype", "provide", "prune",
        "publish", "read", "rebuild", "recover", "redesign", "reduce", "refactor", "refresh", "release", "remodel",
        "remove", "rename", "renew", "renovate", "reorganize", "repair", "replace", "reproduce", "research", "resolve",
        "respond", "restore", "restructure", "retire", "review", "revise", "rework", "rewrite", "roll", "run",
        "schedule", "secure", "sell", "send", "separate", "set", "ship", "show", "simplify", "solve", "speed", "split",
        "stabilize", "standardize", "start", "stop", "store", "streamline", "study", "summarize", "support", "switch",
        "sync", "teach", "test", "track", "train", "translate", "trim", "troubleshoot", "tune", "understand", "unify",
        "update", "upgrade", "use", "validate", "verify", "visit", "visualize", "wire", "wrap", "write",
    ]
}
