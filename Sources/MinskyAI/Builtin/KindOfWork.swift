/// What a task asks for, beside what it is about: told by the verb a title begins with.
enum KindOfWork: String, CaseIterable, Sendable {
    case fix, build, change, upgrade, remove, move, release, decide, learn, write, organize, hire
    /// What is done in one sitting, and what a person knows or asks somebody else.
    case errand

    /// What the words of a title tell of the work.
    struct Reading {
        let kind: KindOfWork
        /// The position of the word that tells it.
        let place: Int
        /// Whether a fault is told and no order given.
        var isComplaint = false
    }

    /// Reads a title, or gives nil when its words tell no kind of work.
    /// - Parameter stems: The stems of all words from the one on that may be a verb.
    static func of(_ stems: ArraySlice<String>) -> Reading? {
        guard let first = stems.first else { return nil }
        let start = stems.startIndex
        if let second = stems.dropFirst().first {
            if let kind = pairs[first + " " + second] { return kind.value.map { Reading(kind: $0, place: start) } }
            // "Upload fails" is a statement, not the order to upload something.
            if statements.contains(second), !questions.contains(first) {
                return Reading(kind: .fix, place: start + 1, isComplaint: true)
            }
        }
        if let kind = verbs[first] { return Reading(kind: kind, place: start) }
        // "The login page returns 404" and "The export fails" ask for a repair, though no verb says so.
        let complaint =
            stems.dropFirst().firstIndex(where: complaints.contains) ?? stems.firstIndex(where: faults.contains)
        return complaint.map { Reading(kind: .fix, place: $0, isComplaint: true) }
    }

    private static let verbs = table([
        .fix: "fix repair resolve debug deflake stabilize stabilise mend solve troubleshoot hotfix bugfix",
        .build: """
        add build implement create develop introduce support allow enable extend let make design provide construct \
        install lay expose feat
        """,
        .change: """
        improve redesign rework refine refactor rewrite restructure optimize optimise simplify rename split extract \
        decouple reduce decrease increase raise speed harden modernize replace clean tidy encrypt \
        secure protect cut shrink deduplicate untangle polish consolidate modularize renovate remodel paint repaint declutter perf style rotate
        """,
        .upgrade: "upgrade bump update",
        .remove: "remove",
        .move: "migrate move port relocate switch convert",
        .release: "release ship publish launch submit deploy",
        .decide: "compare evaluate choose decide assess research select explore spike weigh which should pick",
        .learn: "learn study practice practise master understand",
        .write: "write draft document compose describe author docs",
        .organize: "organize organise plan prepare host arrange run throw celebrate hold coordinate",
        .hire: "hire recruit",
        .errand: """
        buy call pay return book order drop bring walk feed water exchange mail email wash vacuum mow reserve \
        print rent file renew apply cancel sign register answer send approve scan dispute transfer request check \
        restart reset give reply ask delete read tell say watch look vote interview fire negotiate rsvp go attend rehearse \
        empty descale sell repot enroll enrol hand lose meditate knit pack record collect ping take merge back \
        remind thank wish visit meet charge refill donate wrap iron sew iron shop fetch deliver report confirm \
        forward upload download rerun retry revert rebase chase present teach park lend borrow hang mount schedule \
        reschedule invite who when where what is are was were did does do has have will would
        """,
    ])

    private static let statements = Set(
        "fail crash freez hang break return show is are was does dont doesnt isnt cannot cant get not stop".split(
            separator: " "
        )
        .map(String.init))

    /// What only things do that do not work.
    private static let complaints = Set(
        "return fail crash hang freez vanish disappear doesnt doesn isnt isn cannot wont won".split(
            separator: " "
        )
        .map(String.init))

    private static let questions = Set(
        "who where when what how why which should is are was did does do has have will would".split(separator: " ").map(
            String.init))

    private static let faults = Set(
        "crash fail freez hang broken exception bug wrong twice incorrect deadlock regression".split(separator: " ")
            .map(
                String.init))

    /// Pairs of words whose second one changes what the first one tells; some tell nothing.
    private static let pairs: [String: (value: KindOfWork?, Void)] = {
        var pairs: [String: (value: KindOfWork?, Void)] = [:]
        func add(_ kind: KindOfWork?, _ list: String) {
            for pair in list.split(separator: ",") {
                let stems = Words.stems(of: String(pair), keepingCommon: true)
                pairs[stems.joined(separator: " ")] = (kind, ())
            }
        }
        add(.build, "hook up, put together, put up")
        add(.release, "roll out, go live")
        add(.remove, "get rid")
        add(.change, "clean up, tidy up, speed up, pay off, pay down, cut down")
        add(.decide, "study whether, study if, study how, find out, look into, is it, do we, are we, work out")
        add(.learn, "get better, study for, take lessons")
        add(.fix, "fix up, track down")
        add(
            .errand,
            "write down, get ready, search for, rerun failed, how much, how many, test drive, pick up, run out, plan b, make an, make sure"
        )
        add(
            nil,
            "set up, sign in, sign up, log in, log out, file server, print server, order form, order page, report page")
        add(nil, "book page, email template, check out, back end, design system, release notes, call center")
        return pairs
    }()

    private static func table(_ lists: [KindOfWork: String]) -> [String: KindOfWork] {
        var table: [String: KindOfWork] = [:]
        for (kind, list) in lists {
            for word in list.split(separator: " ") { table[Words.stem(String(word))] = kind }
        }
        return table
    }
}
