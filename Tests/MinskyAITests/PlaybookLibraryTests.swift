import Testing

@testable import MinskyAI

/// Which playbook a task gets. How often that is right is measured in `PlaybookFigureTests`; these are the rules.
struct PlaybookChoiceTests {
    private static let library = Result { try PlaybookLibrary() }

    private func choice(_ title: String, _ description: String? = nil) throws -> String? {
        try Self.library.get().choice(title: title, description: description).playbook?.name
    }

    @Test(arguments: [
        ("Build user authentication", "authentication"), ("Fix the login page", "bug"),
        ("Compare login providers", "research"), ("Learn how logins work", "learning"),
        ("Write a blog post about logins", "writing"), ("Document the login", "documentation"),
        ("Write unit tests for the login", "testing"), ("Speed up the login", "performance"),
        ("Refactor the login", "refactoring"),
    ])
    func theKindOfWorkGoesBeforeTheSubject(title: String, name: String) throws {
        #expect(try choice(title) == name)
    }

    @Test(arguments: [
        ("Login crashes", "bug"), ("[shop] Upload fails", "bug"), ("Please fix the login page", "bug"),
        ("fix(parser): crash on empty input", "bug"), ("Should we move to Kubernetes?", "research"),
    ])
    func theKindOfWorkIsFoundWithoutAnOrder(title: String, name: String) throws {
        #expect(try choice(title) == name)
    }

    @Test(arguments: [
        (
            "Improve the start page",
            "It takes four seconds. Bring the load time and the latency down; memory usage is fine.", "performance"
        ),
        ("Handle the Q3 request", "Customers want a GraphQL endpoint and a REST API with OpenAPI.", "api"),
        ("Ticket 4711", "Login crashes with an exception since yesterday, a regression.", "bug"),
        ("Fix the login crash", "Happens on Android and iOS, in the app from the app store.", "bug"),
        ("Learn Kubernetes", "Deployments, Helm charts, clusters; take the exam.", "learning"),
    ])
    func theDescriptionHelpsButTheTitleCountsMore(title: String, description: String, name: String) throws {
        #expect(try choice(title, description) == name)
    }

    @Test(arguments: [
        "", "!!!", "\0", "{subject}", "漢字", "Zorblax the quux", "Do the thing", "Work", "New", "Kitchen", "Login",
        "Buy a new phone", "Call mom about the party", "Send the API key to Anna", "Say hello to the new colleague",
        "Datenbank migrieren und testen", "Réparer la page de login", "修复登录错误", "Who is on call?",
    ])
    func whatSaysTooLittleOrSomethingElseGetsNone(title: String) throws {
        #expect(try choice(title) == nil)
    }

    @Test func whatFitsTwoAsWellGetsNoneAndBothAreNamed() throws {
        let choice = try Self.library.get().choice(title: "Build the SSO and the autocomplete", description: nil)
        #expect(choice.playbook == nil)
        #expect(Set(choice.candidates.map(\.name)).isSuperset(of: ["authentication", "search"]))
    }

    @Test func theOneThatFitsIsTheFirstOfAtMostThree() throws {
        let choice = try Self.library.get().choice(
            title: "Speed up the slow search page of the mobile app", description: nil)
        #expect(choice.candidates.first?.name == "performance")
        #expect(choice.candidates.count == 3)
    }

    @Test func whereNothingSpeaksForAnyThereIsNoCandidate() throws {
        let choice = try Self.library.get().choice(title: "Zorblax the quux", description: nil)
        #expect(choice.candidates.isEmpty)
    }

    @Test(arguments: ["Buy a graphql book", "Release the brakes", "Menu for Christmas", "Compress the form"])
    func whatIsRuledOutOrHardlySpokenForIsNoCandidate(title: String) throws {
        let choice = try Self.library.get().choice(title: title, description: nil)
        #expect(choice.candidates.allSatisfy { $0.name == "ui" && title == "Compress the form" })
    }

    @Test(arguments: [
        ("Crash on login", "bug"), ("Crash course in the sales app", nil), ("Party for Jonas", "event"),
        ("Party shoes", nil), ("Performance of the API", "performance"), ("Performance bonus of the API team", nil),
        ("iOS app crashes", "bug"), ("Login page returns 404", "bug"),
        ("Bug the landlord about the API", nil), ("Theme for the party", nil),
    ])
    func aWordThatOnlyQualifiesAThingTellsLittle(title: String, name: String?) throws {
        #expect(try choice(title) == name)
    }

    @Test(arguments: [
        ("Rename User to Account", "refactoring"), ("Add search to the docs site", "search"),
        ("Write documentation for the search API", "documentation"), ("Add Stripe to the login form", "integration"),
    ])
    func theCircumstancesTellLessThanTheThing(title: String, name: String) throws {
        #expect(try choice(title) == name)
    }

    @Test(arguments: [
        ("Refactor the drawer API", "refactoring"), ("Refactor my sock drawer", nil), ("Deploy the tent", nil),
        ("Deploy the tent app to Kubernetes", "deployment"), ("Fix the kitchen timer app", "bug"),
        ("Android tablet for grandpa", nil), ("Fix the broken oven timer", nil), ("Train the new dog", nil),
    ])
    func oneWordOfEverydayLifeMakesTheOthersSoUnlessOneIsClearlyOfSoftware(title: String, name: String?) throws {
        #expect(try choice(title) == name)
    }

    @Test(arguments: [
        ("Upgrade Elasticsearch to 8", "dependency-upgrade"), ("Bump lodash to 4.17.21", "dependency-upgrade"),
        ("Set up CI", "deployment"), ("k8s upgrade", "dependency-upgrade"),
        ("Remove the feature flag new_checkout", "refactoring"),
        ("fix flaky test in PaymentServiceTests", "testing"),
    ])
    func terseTitlesOfDevelopersAreRecognized(title: String, name: String) throws {
        #expect(try choice(title) == name)
    }

    @Test func theFrameIsNeverChosen() throws {
        for title in ["Write down what is true", "Do the work", "Frame the picture", "A frame for any work"] {
            #expect(
                try Self.library.get().choice(title: title, description: nil).candidates.allSatisfy {
                    $0.name != "frame"
                })
        }
    }

    @Test func theChoiceIsTheSameEveryTime() throws {
        for title in ["Search page redesign", "API tests", "Learn API design", "Release the app"] {
            let first = try choice(title)
            for _ in 0..<20 { #expect(try choice(title) == first) }
        }
    }
}

/// Texts of any size and shape; what is superlinear in one of them would not end.
struct HugeTextTests {
    private static let marks = String(String.UnicodeScalarView(Array(repeating: "\u{301}", count: 2_500_000)))

    // By name: the runner prints arguments.
    private static let texts: [String: String] = [
        "marks": marks, "a letter with marks": "a" + marks, "marks behind words": "Fix the crash " + marks,
        "words": String(repeating: "the crash of the login page ", count: 180_000),
        "one word": String(repeating: "x", count: 5_000_000), "a list": String(repeating: "\n- item", count: 700_000),
        "brackets": String(repeating: "[", count: 5_000_000), "letters": String(repeating: "é", count: 2_500_000),
    ]

    @Test(arguments: texts.keys.sorted()) func isPlanned(name: String) async throws {
        let text = try #require(Self.texts[name])
        let earlier = EarlierBreakdown(
            id: "abcd", title: text, description: text,
            subtasks: [PlannedSubtask(title: text, description: text), PlannedSubtask(title: "Ship")])
        let planner = BuiltinPlanner(library: try PlaybookLibrary(), earlier: [earlier], selection: .nearest)
        for request in [
            BreakdownRequest(title: text), BreakdownRequest(title: "Fix the crash", description: text),
            BreakdownRequest(title: "Fix the crash", existing: [text], context: text),
        ] {
            let breakdown = try await planner.breakDown(request) { _ in }
            #expect(!breakdown.subtasks.isEmpty)
            let isTakenOver = breakdown.model.hasPrefix("earlier:")
            #expect(isTakenOver || breakdown.subtasks.allSatisfy { $0.title.utf8.count < 2000 })
        }
        #expect(BuiltinEmbedder.vector(of: text).count == 256)
    }
}

struct OwnPlaybooksTests {
    private func markdown(_ title: String, for keywords: String) -> String {
        "# \(title)\nFor: \(keywords)\n## 1. Do it\nEstimate: 1h\nComplexity: 1\n"
    }

    @Test func anOwnPlaybookIsAdded() throws {
        let library = try PlaybookLibrary(own: [("brewing", markdown("Brew beer", for: "beer, brew, hops"))])
        #expect(library.choice(title: "Brew a stout with hops", description: nil).playbook?.name == "brewing")
        #expect(library.playbooks.count == (try PlaybookLibrary().playbooks.count) + 1)
    }

    @Test func oneOfTheSameNameReplacesTheShippedOne() throws {
        let library = try PlaybookLibrary(own: [("bug", markdown("Our way to fix bugs", for: "bug, crash"))])
        #expect(library.choice(title: "Crash on start", description: nil).playbook?.title == "Our way to fix bugs")
        #expect(library.playbooks.count { $0.name == "bug" } == 1)
    }

    @Test func anOwnOneGoesBeforeOneThatShips() throws {
        let library = try PlaybookLibrary(own: [("ours", markdown("Our way to fix crashes", for: "crash, login"))])
        #expect(library.choice(title: "Fix the login crash", description: nil).playbook?.name == "ours")
        #expect(library.ownNames == ["ours"])
    }

    @Test func anOwnOneMayBeInAnyLanguage() throws {
        let library = try PlaybookLibrary(own: [("umzug", markdown("Umziehen", for: "umziehen, Umzug"))])
        #expect(library.choice(title: "Mit der ganzen Familie umziehen", description: nil).playbook?.name == "umzug")
        #expect(library.choice(title: "Umzug", description: nil).playbook?.name == "umzug")
    }

    @Test func theFrameCanBeReplaced() throws {
        let library = try PlaybookLibrary(own: [("frame", markdown("Ours", for: ""))])
        #expect(library.playbook(named: "frame")?.title == "Ours")
        #expect(library.choice(title: "Zorblax the quux", description: nil).playbook == nil)
    }

    @Test func anErrorNamesTheFile() throws {
        let error = #expect(throws: AIError.self) { try PlaybookLibrary(own: [("ours", "# Ours\nFor: x\n")]) }
        #expect(error?.code == .badPlaybook)
        #expect(error?.message.hasPrefix("playbook ours.md, line ") == true)
    }
}
