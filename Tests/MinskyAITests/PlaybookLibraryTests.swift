import Testing

@testable import MinskyAI

/// Which playbook a task gets.
struct PlaybookChoiceTests {
    private static let library = Result { try PlaybookLibrary() }

    private func choice(_ title: String, _ description: String? = nil) throws -> String? {
        try Self.library.get().best(title: title, description: description)?.name
    }

    @Test(arguments: [
        ("Build user authentication", "authentication"), ("Add OAuth login", "authentication"),
        ("Let users reset their password", "authentication"), ("Sign in with Google", "authentication"),
        ("Fix crash when saving a file", "bug"), ("Login button does not work", "bug"),
        ("Totals are wrong on the invoice", "bug"), ("fix: parser hangs on empty input", "bug"),
        ("Debug the memory corruption", "bug"), ("Stabilize the flaky tests", "testing"),
        ("Increase test coverage of the parser", "testing"), ("Write unit tests for the lexer", "testing"),
        ("Migrate from MySQL to PostgreSQL", "migration"), ("Move our servers to the cloud", "migration"),
        ("Port the service from Python to Go", "migration"), ("Upgrade to Swift 6", "dependency-upgrade"),
        ("Bump React to version 19", "dependency-upgrade"), ("Update outdated dependencies", "dependency-upgrade"),
        ("Deploy the app to Kubernetes", "deployment"), ("Set up CI/CD with GitHub Actions", "deployment"),
        ("Containerize the backend", "deployment"), ("Write the README", "documentation"),
        ("Document the public API", "documentation"), ("Write a getting started guide", "documentation"),
        ("Write a blog post about concurrency", "writing"), ("Prepare a conference talk", "writing"),
        ("Draft the grant proposal", "writing"), ("Organize the summer party", "event"),
        ("Plan the team offsite", "event"), ("Plan my sister's wedding", "event"), ("Renovate the bathroom", "home"),
        ("Move to a new apartment", "home"), ("Declutter the garage", "home"), ("Paint the bedroom walls", "home"),
        ("Learn Spanish", "learning"), ("Study for the statistics exam", "learning"),
        ("Get better at chess", "learning"), ("Onboard the new developer", "onboarding"),
        ("Prepare Anna's first week", "onboarding"), ("Release version 2.0", "release"),
        ("Ship the 1.4 beta", "release"), ("Write release notes for June", "release"),
        ("Refactor the payment module", "refactoring"), ("Pay down technical debt in the parser", "refactoring"),
        ("Extract the mailer into its own package", "refactoring"), ("Speed up the search page", "performance"),
        ("The home page loads too slowly", "performance"), ("Reduce memory usage of the indexer", "performance"),
        ("Evaluate message queues", "research"), ("Choose a payment provider", "research"),
        ("Compare hosting options", "research"), ("Find out why customers leave", "research"),
        ("Integrate Stripe payments", "integration"), ("Connect our CRM with Salesforce", "integration"),
        ("Send webhooks to Slack", "integration"), ("Build a REST API for orders", "api"),
        ("Add a GraphQL endpoint", "api"), ("Build a command-line tool to rename files", "cli"),
        ("Add a --json flag to the CLI", "cli"), ("Import customers from CSV", "data-pipeline"),
        ("Build a sales dashboard", "data-pipeline"), ("Nightly ETL job into the warehouse", "data-pipeline"),
        ("Train a model to predict churn", "machine-learning"), ("Fine-tune an LLM on our tickets", "machine-learning"),
        ("Build an iOS app for the shop", "mobile"), ("Add push notifications on Android", "mobile"),
        ("Redesign the settings page", "ui"), ("Add dark mode", "ui"), ("Make the layout responsive", "ui"),
        ("Implement full-text search", "search"), ("Add autocomplete to the search bar", "search"),
        ("Security audit of the web shop", "security"), ("Fix XSS vulnerability in comments", "security"),
        ("Production is down", "incident"), ("Write the postmortem for Friday's outage", "incident"),
        ("Customer data leaked", "incident"), ("Add a favorites feature", "feature"),
        ("Implement undo and redo", "feature"), ("Build a kanban board", "feature"),
        ("Let users share a list with friends", "feature"), ("Add rate limiting to the API", "api"),
        ("Add a settings screen", "ui"), ("Accessibility audit", "ui"), ("Fix typo in the README", "documentation"),
        ("Investigate the memory leak", "performance"), ("Investigate slow queries", "performance"),
        ("500 error on checkout", "bug"), ("Customers cannot log in", "bug"), ("Publish the npm package", "release"),
        ("Add Apple Pay to the checkout", "integration"), ("Classify support tickets", "machine-learning"),
        ("Rewrite the scheduler in Rust", "refactoring"), ("Migrate the wiki to Notion", "migration"),
        ("Repair the roof", "home"), ("Fix the leaking tap", "home"), ("Learn the new API", "learning"),
        ("Host a dinner party", "event"),
    ])
    func aTitleGetsTheOneAPersonWouldTake(title: String, name: String) throws {
        #expect(try choice(title) == name)
    }

    @Test(arguments: [
        (
            "Improve the start page",
            "It takes four seconds. Bring the load time and the latency down; memory usage is fine.", "performance"
        ),
        ("Handle the Q3 request", "Customers want a GraphQL endpoint and a REST API with webhooks.", "api"),
        ("Ticket 4711", "Login crashes with an exception since yesterday, a regression.", "bug"),
        ("Friday", "We celebrate Tom's birthday; find a venue and invite guests.", "event"),
        ("Fix the login crash", "Happens on Android and iOS, in the app from the app store.", "bug"),
        ("Learn Kubernetes", "Deployments, Helm charts, clusters; take the exam.", "learning"),
    ])
    func theDescriptionHelpsButTheTitleCountsMore(title: String, description: String, name: String) throws {
        #expect(try choice(title, description) == name)
    }

    @Test(arguments: [
        "Buy milk", "Zorblax the quux", "Do the thing", "Call mom", "Pay taxes", "File the tax return",
        "Water the plants", "Open a bank account", "Send the invoice to Anna", "Prepare tax documents",
        "Book a flight to Berlin", "Return library books", "Walk the dog", "Cancel the gym membership",
        "Renew the passport", "Get a haircut", "Find a dentist", "Pick up the kids", "Change the light bulb",
        "Say thank you to the new neighbors", "Run a marathon", "Buy a new phone", "Order a data cable",
        "Check the mail", "Charge the car", "Make a photo book", "Take the train to Paris", "Plan", "Do it", "New",
        "Set up the thing", "Get it done", "漢字", "", "!!!", "\0", "{subject}", "Work", "Start", "Manage things",
        "Handle this", "Open", "Set the time", "Use the old one", "User", "The team", "First things first",
        "Prepare the quarterly report", "Check whether the printer works", "Hire a new backend engineer",
        "Go on vacation to Italy", "Negotiate the salary", "Return the shoes",
    ])
    func everythingElseGetsTheGeneralOne(title: String) throws {
        #expect(try choice(title) == "project")
    }

    @Test func theChoiceIsTheSameEveryTime() throws {
        for title in ["Search page redesign", "API tests", "Learn API design", "Release the app"] {
            let first = try choice(title)
            for _ in 0..<20 { #expect(try choice(title) == first) }
        }
    }

    @Test func aHugeTextIsNoProblem() throws {
        #expect(try choice("Ticket", String(repeating: "the crash of the login page ", count: 3000)) != nil)
    }
}

struct OwnPlaybooksTests {
    private func markdown(_ title: String, for keywords: String) -> String {
        "# \(title)\nFor: \(keywords)\n## 1. Do it\nEstimate: 1h\nComplexity: 1\n"
    }

    @Test func anOwnPlaybookIsAdded() throws {
        let library = try PlaybookLibrary(own: [("brewing", markdown("Brew beer", for: "beer, brew, hops"))])
        #expect(library.best(title: "Brew a stout with hops", description: nil)?.name == "brewing")
        #expect(library.playbooks.count == (try PlaybookLibrary().playbooks.count) + 1)
    }

    @Test func oneOfTheSameNameReplacesTheShippedOne() throws {
        let library = try PlaybookLibrary(own: [("bug", markdown("Our way to fix bugs", for: "bug, crash"))])
        #expect(library.best(title: "Crash on start", description: nil)?.title == "Our way to fix bugs")
        #expect(library.playbooks.count { $0.name == "bug" } == 1)
    }

    @Test func theGeneralOneCanBeReplacedToo() throws {
        let library = try PlaybookLibrary(own: [("project", markdown("Ours", for: "anything"))])
        #expect(library.best(title: "Zorblax the quux", description: nil)?.title == "Ours")
    }

    @Test func anErrorNamesTheFile() throws {
        let error = #expect(throws: AIError.self) { try PlaybookLibrary(own: [("ours", "# Ours\nFor: x\n")]) }
        #expect(error?.code == .badPlaybook)
        #expect(error?.message.hasPrefix("playbook ours.md, line ") == true)
    }
}
