import Testing

@testable import MinskyAI

struct BuiltinPlannerTests {
    static let cake = """
        # Bake a cake
        For: cake, bake

        ## 1. Choose {subject}
        Estimate: 30m
        Complexity: 5

        About {subject}.

        ## 2. Heat the oven
        Estimate: 10m
        Complexity: 1
        After: 1
        When: oven, hot

        ## 3. Buy {item}
        Estimate: 1h
        Complexity: 3
        After: 2
        Each: item

        ## 4. Bake {subject}
        Estimate: 2h
        Complexity: 7
        After: 2, 3
        """

    private func planner(own: [(name: String, markdown: String)] = [("cake", cake)], earlier: [EarlierBreakdown] = [])
        throws -> BuiltinPlanner
    {
        BuiltinPlanner(library: try PlaybookLibrary(own: own), earlier: earlier)
    }

    private func plan(_ request: BreakdownRequest, earlier: [EarlierBreakdown] = []) async throws -> Breakdown {
        try await planner(earlier: earlier).breakDown(request) { _ in }
    }

    private func expectValid(_ subtasks: [PlannedSubtask], sourceLocation: SourceLocation = #_sourceLocation) {
        for (index, subtask) in subtasks.enumerated() {
            #expect(
                subtask.dependsOn.allSatisfy { (0..<index).contains($0) }, "\(subtask)", sourceLocation: sourceLocation)
            #expect(subtask.dependsOn == Set(subtask.dependsOn).sorted(), "\(subtask)", sourceLocation: sourceLocation)
        }
    }

    @Test func saysWhereItComesFromAndPretendsNothing() async throws {
        let breakdown = try await plan(BreakdownRequest(title: "Bake a wedding cake"))
        #expect(breakdown.provider == "builtin")
        #expect(breakdown.model == "playbook:cake")
        #expect(breakdown.usage == nil)
        #expect(breakdown.origin == "From the playbook “Bake a cake”; no model was asked.")
    }

    @Test func theSubjectIsFilledIn() async throws {
        let subtasks = try await plan(BreakdownRequest(title: "Bake a wedding cake")).subtasks
        #expect(subtasks.map(\.title) == ["Choose the wedding cake", "Buy the wedding cake", "Bake the wedding cake"])
        #expect(subtasks.first?.description == "About the wedding cake.")
        #expect(subtasks.map(\.estimateMinutes) == [30, 60, 120])
        #expect(subtasks.map(\.complexity) == [5, 3, 7])
    }

    @Test func aStepForEachItemIsRepeatedAndWaitedFor() async throws {
        let subtasks = try await plan(
            BreakdownRequest(title: "Bake a cake", description: "Needs:\n- flour\n- eggs\n- milk")
        ).subtasks
        #expect(subtasks.map(\.title) == ["Choose the cake", "Buy flour", "Buy eggs", "Buy milk", "Bake the cake"])
        #expect(subtasks.map(\.dependsOn) == [[], [0], [0], [0], [0, 1, 2, 3]])
    }

    @Test func aListWithoutEndIsCutAt20Items() async throws {
        let description = (1...100).map { "- item \($0)" }.joined(separator: "\n")
        let subtasks = try await plan(BreakdownRequest(title: "Bake a cake", description: description)).subtasks
        #expect(subtasks.count { $0.title.hasPrefix("Buy item") } == 20)
        #expect(subtasks.count <= BreakdownRequest.maximumCount)
        expectValid(subtasks)
    }

    @Test(arguments: [
        BreakdownRequest(title: "Bake a cake in the oven"),
        BreakdownRequest(title: "Bake a cake", description: "It must be hot."),
        BreakdownRequest(title: "Bake a cake", context: "We have two ovens."),
    ])
    func aConditionalStepIsThereWhenNamed(request: BreakdownRequest) async throws {
        let subtasks = try await plan(request).subtasks
        #expect(subtasks.count == 4)
        #expect(subtasks[1].title == "Heat the oven")
        #expect(subtasks.map(\.dependsOn) == [[], [0], [1], [1, 2]])
    }

    @Test(arguments: ["a cake", "a cake with chocolate", "a cake for the hotel"])
    func andOtherwiseItsFollowersWaitForWhatItWaitedFor(title: String) async throws {
        let subtasks = try await plan(BreakdownRequest(title: "Bake " + title)).subtasks
        #expect(!subtasks.contains { $0.title == "Heat the oven" })
        #expect(subtasks.map(\.dependsOn) == [[], [0], [0, 1]])
    }

    @Test func subtasksAreAnnouncedAsTheyAre() async throws {
        let titles = Log<String>()
        let breakdown = try await planner().breakDown(BreakdownRequest(title: "Bake a cake", count: 2)) {
            titles.add($0)
        }
        #expect(titles.all == breakdown.subtasks.map(\.title))
        #expect(titles.all.count == 2)
    }

    @Test func existingSubtasksAreNotRepeated() async throws {
        let subtasks = try await plan(
            BreakdownRequest(title: "Bake a cake", existing: ["BUY the  cake", "Something else"])
        )
        .subtasks
        #expect(subtasks.map(\.title) == ["Choose the cake", "Bake the cake"])
        #expect(subtasks.map(\.dependsOn) == [[], [0]])
    }

    @Test func nothingIsAddedWhenEverythingIsThere() async throws {
        let request = BreakdownRequest(
            title: "Bake a cake", existing: ["Choose the cake", "Buy the cake", "Bake the cake"])
        let error = try await #require(throws: AIError.self) { try await plan(request) }
        #expect(error.code == .nothingNew)
        #expect(error.message.contains("playbook:cake"))
    }

    @Test func countKeepsTheStepThatDoesTheWorkAndWhatItWaitsFor() async throws {
        func titles(_ count: Int, description: String? = nil) async throws -> [String] {
            try await plan(
                BreakdownRequest(title: "Bake a cake in the oven", description: description, count: count)
            ).subtasks.map(\.title)
        }
        // Buying is repeated for each item, so it is the work; then what it waits for, although that is the least complex.
        #expect(try await titles(1) == ["Buy the cake in the oven"])
        #expect(try await titles(2) == ["Heat the oven", "Buy the cake in the oven"])
        #expect(try await titles(3).first == "Choose the cake in the oven")
        #expect(try await titles(2, description: "- flour\n- eggs\n- milk") == ["Buy flour", "Buy eggs"])
    }

    @Test func aStepMarkedAsTheCoreDoesTheWork() async throws {
        let marked = Self.cake.replacing("Complexity: 7", with: "Complexity: 2\nCore: yes")
        let planner = try planner(own: [("cake", marked)])
        let breakdown = try await planner.breakDown(BreakdownRequest(title: "Bake a cake in the oven", count: 1)) { _ in
        }
        #expect(breakdown.subtasks.map(\.title) == ["Bake the cake in the oven"])
        #expect(breakdown.subtasks.map(\.dependsOn) == [[]])
    }

    @Test func whenNothingFitsItSaysSo() async throws {
        let breakdown = try await plan(BreakdownRequest(title: "Zorblax the cake stand for the login"))
        #expect(breakdown.model == "playbook:cake")
        let none = try await planner(own: []).breakDown(BreakdownRequest(title: "Buy milk")) { _ in }
        #expect(none.subtasks.isEmpty && none.candidates.isEmpty)
        #expect(none.model == "none")
        let torn = try await planner(own: []).breakDown(
            BreakdownRequest(title: "Build the SSO and the autocomplete")
        ) { _ in }
        #expect(torn.subtasks.isEmpty)
        #expect(Set(torn.candidates).isSuperset(of: ["authentication", "search"]))
    }

    @Test(arguments: [
        ("Buy milk", "playbook:frame"), ("Buy a graphql book", "playbook:frame"), ("Bake a cake", "playbook:cake"),
        ("A bigger button", "playbook:ui"),
    ])
    func theNearestIsTheFrameWhenNothingComesNear(title: String, model: String) async throws {
        let planner = BuiltinPlanner(
            library: try PlaybookLibrary(own: [("cake", Self.cake)]), earlier: [], selection: .nearest)
        #expect(try await planner.breakDown(BreakdownRequest(title: title)) { _ in }.model == model)
    }

    @Test func aPlaybookCanBeNamed() async throws {
        let planner = BuiltinPlanner(library: try PlaybookLibrary(), earlier: [], selection: .named("frame"))
        let subtasks = try await planner.breakDown(
            BreakdownRequest(title: "Buy milk", description: "- whole\n- skimmed")
        ) { _ in }.subtasks
        #expect(
            subtasks.map(\.title) == [
                "Decide what has to be true in the end: “Buy milk”",
                "List what is still missing: facts, things, people, permissions",
                "Try the part that is most likely to go wrong", "Do the work: whole", "Do the work: skimmed",
                "Check the result against the first step",
            ])
        let unknown = BuiltinPlanner(library: try PlaybookLibrary(), earlier: [], selection: .named("no"))
        let error = try await #require(throws: AIError.self) {
            try await unknown.breakDown(BreakdownRequest(title: "Buy milk")) { _ in }
        }
        #expect(error.code == .badPlaybook)
    }
}

/// A title that holds several tasks is broken down into them.
struct SeveralTasksTests {
    private func plan(_ title: String, count: Int? = nil) async throws -> Breakdown {
        try await BuiltinPlanner(library: try PlaybookLibrary(), earlier: [], selection: .nearest).breakDown(
            BreakdownRequest(title: title, count: count)
        ) { _ in }
    }

    @Test(arguments: [
        ("Fix login, update docs and call Anna", ["Fix login", "Update docs", "Call Anna"]),
        ("Buy flour & bake bread.", ["Buy flour", "Bake bread"]),
        (
            "Book the hall; invite everybody, and order the cake",
            ["Book the hall", "Invite everybody", "Order the cake"]
        ),
        ("Renew the certificate, then release the app", ["Renew the certificate", "Release the app"]),
    ])
    func everyPartBecomesASubtask(title: String, parts: [String]) async throws {
        let breakdown = try await plan(title)
        #expect(breakdown.subtasks.map(\.title) == parts)
        #expect(breakdown.subtasks.allSatisfy { $0.estimateMinutes == nil && $0.dependsOn.isEmpty })
        #expect(breakdown.model == "parts")
        #expect(breakdown.origin == "The title holds several tasks; no model was asked.")
    }

    @Test func noneOfThemIsLostWhereFewerAreWanted() async throws {
        let title = "Fix login, update docs and call Anna"
        #expect(try await plan(title, count: 2).subtasks.map(\.title) == ["Fix login", "Update docs and call Anna"])
        #expect(try await plan(title, count: 1).subtasks.map(\.title) == ["Fix login and update docs and call Anna"])
        #expect(try await plan(title, count: 7).subtasks.count == 3)
    }

    @Test(arguments: [
        "Build and deploy the app", "Refactor login and search", "Search and replace", "Fix login and signup",
        "Research and development budget", "Buy milk, eggs and flour", "Test and coverage report", "Fix login,", "",
        "Build the login and the autocomplete", "Plan A and plan B",
    ])
    func oneTaskWithSeveralThingsStaysOne(title: String) {
        #expect(SeveralTasks(in: title) == nil)
    }
}

/// What a planner proposes twice, or although it is there, is not stored.
struct RepeatsTests {
    private func breakdown(_ subtasks: [PlannedSubtask]) -> Breakdown {
        Breakdown(subtasks: subtasks, provider: "p", model: "m", usage: nil, origin: "o")
    }

    @Test func areLeftOutWithTheirDependencies() {
        var breakdown = breakdown([
            PlannedSubtask(title: "Model accounts"), PlannedSubtask(title: "Write tests", dependsOn: [0]),
            PlannedSubtask(title: "  write  TESTS"), PlannedSubtask(title: "Release", dependsOn: [2]),
            PlannedSubtask(title: "Ship", dependsOn: [0, 3]),
        ])
        #expect(breakdown.leaveOutRepeats(existing: ["release", "Something"]) == ["  write  TESTS", "Release"])
        #expect(breakdown.subtasks.map(\.title) == ["Model accounts", "Write tests", "Ship"])
        #expect(breakdown.subtasks.map(\.dependsOn) == [[], [0], [0, 1]])
    }

    @Test func whatOnlyLooksAlikeStays() {
        var breakdown = breakdown(
            ["Fix a", "Fix á", "Fix a-b", "Fix a b", "Learn C", "Learn C++", "漢", "字", "🙂", "🙃"]
                .map { PlannedSubtask(title: $0) })
        #expect(breakdown.leaveOutRepeats(existing: []) == [])
        #expect(breakdown.subtasks.count == 10)
    }
}

/// A breakdown of an earlier task serves a similar one.
struct EarlierBreakdownTests {
    let earlier = EarlierBreakdown(
        id: "abcd", title: "Build the billing page", description: "With invoices.",
        subtasks: [
            PlannedSubtask(
                title: "Design billing page", description: "A sketch of the Billing Page.", estimateMinutes: 60,
                complexity: 3),
            PlannedSubtask(
                title: "Rebilling pages are out of scope", estimateMinutes: 30, complexity: 1, dependsOn: [0]),
            PlannedSubtask(title: "Ship", dependsOn: [1]),
        ])

    private func plan(
        _ title: String, description: String? = nil, earlier: [EarlierBreakdown], existing: [String] = [],
        count: Int? = nil
    )
        async throws -> Breakdown
    {
        let planner = BuiltinPlanner(library: try PlaybookLibrary(), earlier: earlier)
        return try await planner.breakDown(
            BreakdownRequest(title: title, description: description, existing: existing, count: count)
        ) { _ in }
    }

    @Test func isReusedWithItsSubjectReplaced() async throws {
        let breakdown = try await plan(
            "Build the billing report page", description: "With invoices.", earlier: [earlier])
        #expect(breakdown.model == "earlier:abcd")
        #expect(
            breakdown.origin == "Taken over from the earlier breakdown of “Build the billing page”; no model was asked."
        )
        #expect(
            breakdown.subtasks.map(\.title) == [
                "Design billing report page", "Rebilling pages are out of scope", "Ship",
            ])
        #expect(breakdown.subtasks.first?.description == "A sketch of the billing report page.")
        #expect(breakdown.subtasks.map(\.dependsOn) == [[], [0], [1]])
        #expect(breakdown.subtasks.map(\.estimateMinutes) == [60, 30, nil])
    }

    @Test(arguments: [
        ("Plan Anna's wedding", "Plan Anna's funeral"), ("Plan the wedding of Anna", "Plan the funeral of Anna"),
        ("Build the login page", "Fix the login page"), ("Build the login page", "Build the search page"),
        ("Buy the house in Rome", "Sell the house in Rome"), ("Learn Rust", "Learn Italian"),
        ("Hochzeit von Anna planen", "Beerdigung von Anna planen"), ("Onboard Maria", "Offboard Maria"),
        ("Write the release notes for the shop", "Write the release plan for the shop"), ("", " "), ("🙂", "🙃"),
    ])
    func isNotReusedForAnotherKindOfWorkOrAnotherThing(old: String, new: String) async throws {
        var task = earlier
        task.title = old
        #expect(task.likeness(to: new) == nil)
    }

    @Test(arguments: [
        ("Plan Anna's wedding", "Plan Tom's wedding"), ("Plan the wedding of Anna", "Plan the wedding of Anna"),
        ("Send the newsletter for March", "Send the newsletter for April"), ("Release 3.1", "Release 3.2"),
        ("Close the books for Q3", "Close the books for Q4"), ("Hochzeit planen", "Hochzeit planen"),
        ("Fix the login crash on iOS", "Fix the login crash on Android"), ("漢字", "漢字"),
    ])
    func isReusedForTheSameKindOfWorkOnTheSameThing(old: String, new: String) async throws {
        var task = earlier
        task.title = old
        #expect(task.likeness(to: new) != nil)
    }

    @Test func whatDiffersIsReplacedInTheSubtasks() {
        var task = earlier
        task.title = "Write the newsletter for March"
        task.subtasks = [
            PlannedSubtask(title: "Collect news of march", description: "The MARCH news, not the marches.")
        ]
        let subtasks = task.subtasks(for: "Write the newsletter for April")
        #expect(subtasks.map(\.title) == ["Collect news of April"])
        #expect(subtasks.first?.description == "The April news, not the marches.")
    }

    @Test func onlyASimilarOne() async throws {
        #expect(try await plan("Learn to play the guitar", earlier: [earlier]).model == "playbook:learning")
    }

    @Test func theMostSimilarOne() async throws {
        var other = earlier
        other.id = "other"
        other.title = "Build the billing page footer"
        #expect(
            try await plan("Build the billing page", description: "With invoices.", earlier: [other, earlier]).model
                == "earlier:abcd")
    }

    @Test func onlyWithAsManySubtasksAsAreWanted() async throws {
        func model(_ kept: Int, _ count: Int?, _ title: String = "Fix the login bug") async throws -> String {
            var short = earlier
            short.title = title
            short.subtasks = Array(earlier.subtasks.prefix(kept))
            return try await plan(title, earlier: [short], count: count).model
        }
        #expect(try await model(3, nil) == "earlier:abcd")
        #expect(try await model(2, nil) == "playbook:bug")
        #expect(try await model(2, 2) == "earlier:abcd")
        #expect(try await model(3, 7) == "playbook:bug")
        // Where there is nothing else a short one is better than none, but never less than was asked for.
        #expect(try await model(2, nil, "Feed the fish") == "earlier:abcd")
        #expect(try await model(2, 7, "Feed the fish") == "none")
    }

    @Test func withoutWhatIsThereAlready() async throws {
        let breakdown = try await plan(
            "Build the billing page", description: "With invoices.", earlier: [earlier],
            existing: ["rebilling pages are out of scope"])
        #expect(breakdown.subtasks.map(\.title) == ["Design billing page", "Ship"])
        #expect(breakdown.subtasks.map(\.dependsOn) == [[], [0]])
    }

    @Test func dependenciesOnLaterOnesAreLeftOut() async throws {
        var circle = earlier
        circle.subtasks[0].dependsOn = [0, 2, 99, -1]
        let breakdown = try await plan("Build the billing page", description: "With invoices.", earlier: [circle])
        #expect(breakdown.subtasks.map(\.dependsOn) == [[], [0], [1]])
    }

    @Test func countLimitsItToo() async throws {
        let breakdown = try await plan(
            "Build the billing page", description: "With invoices.", earlier: [earlier], count: 1)
        #expect(breakdown.subtasks.map(\.title) == ["Design billing page"])
    }
}

/// What holds for every playbook that ships.
struct ShippedPlaybooksTests {
    static let names = PlaybookLibrary.shipped.map(\.name)
    private static let library = Result { try PlaybookLibrary() }
    private static let planners = Result { try names.map { ($0, try Forced($0)) } }

    private func playbook(_ name: String) throws -> Playbook {
        try #require(try Self.library.get().playbooks.first { $0.name == name })
    }

    private func forced(_ name: String) throws -> Forced {
        try #require(try Self.planners.get().first { $0.0 == name }).1
    }

    /// Breaks down tasks by this playbook, whatever they are about.
    private struct Forced {
        let name: String
        let planner: BuiltinPlanner

        init(_ name: String) throws {
            self.name = name
            planner = BuiltinPlanner(library: try PlaybookLibrary(), earlier: [], selection: .named(name))
        }

        func plan(
            _ title: String = "x", _ description: String? = nil, existing: [String] = [], count: Int? = nil
        ) async throws -> [PlannedSubtask] {
            let request = BreakdownRequest(
                title: title + " for the quux", description: description, existing: existing, count: count)
            let breakdown = try await planner.breakDown(request) { _ in }
            #expect(breakdown.model == "playbook:\(name)")
            return breakdown.subtasks
        }
    }

    private func isValid(_ subtasks: [PlannedSubtask]) -> Bool {
        subtasks.indices.allSatisfy { index in
            let list = subtasks[index].dependsOn
            return list.allSatisfy { (0..<index).contains($0) } && list == Set(list).sorted()
        }
    }

    @Test func thereAreAtLeastTenAndAllAreReadable() throws {
        #expect(Self.names.count >= 10)
        #expect(Set(Self.names).count == Self.names.count)
        #expect(Self.names.contains(PlaybookLibrary.frameName))
        #expect(try Self.library.get().playbooks.map(\.name) == Self.names)
    }

    @Test(arguments: names) func everyStepSaysWhatIsDone(name: String) throws {
        let playbook = try playbook(name)
        #expect(playbook.steps.count >= 5 && !playbook.summary.isEmpty)
        #expect(Set(playbook.steps.map(\.title)).count == playbook.steps.count)
        for step in playbook.steps { #expect(step.description.count > 40, "\(step.title)") }
        // The list in a description has to be of use.
        #expect(playbook.steps.contains { $0.isEachItem })
        #expect(playbook.steps.filter(\.isEachItem).allSatisfy { $0.title.contains("{item}") })
        // A step nobody asks for always has to be there, or a short task would get none.
        #expect(playbook.steps.count { $0.when.isEmpty } >= 4)
    }

    @Test(arguments: names) func nothingIsLeftToFillIn(name: String) async throws {
        let forced = try forced(name)
        for title in ["Zorblax", "the Grumble & co"] {
            for description in [nil, "- ping\n- pong"] {
                let text = try await forced.plan(title, description).map { $0.title + ($0.description ?? "") }.joined()
                #expect(!text.contains("{") && !text.contains("}"))
            }
        }
    }

    @Test(arguments: names) func dependenciesHoldWhateverIsLeftOut(name: String) async throws {
        let forced = try forced(name)
        let list = "- ping\n- pong\n- pang"
        let all = try await forced.plan("x", list)
        #expect(isValid(all))
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<3 {
            let existing = Array(all.map(\.title).filter { _ in Bool.random(using: &generator) }.dropLast())
            let rest = try await forced.plan("x", list, existing: existing)
            #expect(isValid(rest))
            #expect(rest.map(\.title) == all.map(\.title).filter { !existing.contains($0) })
        }
    }

    @Test(arguments: names) func countGivesExactlyThatManyInTheirOrder(name: String) async throws {
        let forced = try forced(name)
        let all = try await forced.plan("x", "- ping\n- pong")
        let places = Dictionary(all.enumerated().map { ($1.title, $0) }) { first, _ in first }
        for count in [1, all.count / 2, all.count - 1] {
            let subtasks = try await forced.plan("x", "- ping\n- pong", count: count)
            let order = subtasks.compactMap { places[$0.title] }
            #expect(subtasks.count == count && order.count == count)
            #expect(order == order.sorted())
            #expect(isValid(subtasks))
        }
        #expect(try await forced.plan("x", "- ping\n- pong", count: 50).count == all.count)
    }

    @Test(arguments: names) func aLongListStaysWithinFiftySubtasks(name: String) async throws {
        let list = (1...100).map { "- number \($0)" }.joined(separator: "\n")
        let subtasks = try await forced(name).plan("x", list)
        #expect(subtasks.count <= BreakdownRequest.maximumCount)
        #expect(isValid(subtasks))
    }
}
