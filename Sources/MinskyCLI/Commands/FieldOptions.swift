import ArgumentParser
import MinskyApp
import MinskyModel

/// The fields a task can be given on the command line.
struct FieldOptions: ParsableArguments {
    @Option(name: .shortAndLong, parsing: .unconditional, help: "What is to be done, in more words.")
    var description: String?
    @Option(name: .shortAndLong, help: "low, medium, high or critical.", completion: .priorities)
    var priority: String?
    @Option(parsing: .unconditional, help: "When it is due: tomorrow, fri, +2w, eow, 2026-12-01, …")
    var due: String?
    @Option(parsing: .unconditional, help: "It is of no interest before; of a day, before that begins.")
    var wait: String?
    @Option(parsing: .unconditional, help: "When work on it is planned to begin; of a day, its beginning.")
    var scheduled: String?
    @Option(parsing: .unconditional, help: "It has no point any more after that.")
    var until: String?
    @Option(
        parsing: .unconditional,
        help: "How often it comes again: weekday, '2 weeks', 'month on the last friday', '3 days after done'.")
    var every: String?
    @Option(help: "What it belongs to; web.api is within web.", completion: .projects)
    var project: String?
    @Option(
        name: .shortAndLong, parsing: .unconditional,
        help: "How much work it is: 45m, 2h, 1h30m, 1d; without a unit, minutes.")
    var estimate: String?
    @Option(help: "How hard it is, from 1 to 10.")
    var complexity: String?
    @Option(help: "Who is to do it.", completion: .assignees)
    var assignee: String?
    @Option(name: .shortAndLong, help: "A tag; may be repeated.", completion: .tags)
    var tag: [String] = []
    @Option(help: ArgumentHelp("A task that must be done first; may be repeated.", valueName: "id"), completion: .tasks)
    var dependsOn: [String] = []
    @Option(
        name: .customLong("set"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A field of your own; may be repeated.", valueName: "name=value"))
    var assignments: [String] = []

    /// What the options ask for, but for fields of the user's.
    /// - Throws: `AppError` with code `.invalidArgument` when one is not understood.
    func edit(on console: Console) throws -> TaskEdit {
        let environment = console.environment
        var edit = TaskEdit()
        let phrases: [(EditableField, String?)] = [
            (.description, description), (.priority, priority), (.due, due), (.estimate, estimate),
            (.complexity, complexity), (.assignee, assignee), (.project, project), (.wait, wait),
            (.scheduled, scheduled), (.until, until), (.every, every),
        ]
        for case (let field, let phrase?) in phrases {
            try edit.set(field, to: field == .description ? try console.text(phrase) : phrase, in: environment)
        }
        edit.addedTags = tag
        edit.addedDependencies = dependsOn
        return edit
    }

    /// Says what an estimate without a unit was taken for.
    func tellUnits(on console: Console) {
        guard let estimate, Double(estimate.trimmingSpace) != nil, let minutes = DurationPhrase.minutes(estimate) else {
            return
        }
        console.note("An estimate without a unit is in minutes: \(DurationPhrase.text(minutes: minutes)).")
    }
}
