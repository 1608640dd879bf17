import MinskyFormats
import MinskyModel
import MinskyStore

/// Takes over tasks from a file of another program, or of minsky, in one operation.
///
/// What comes from one place elsewhere is one task here, however often it is imported and on how many replicas. What was
/// changed here since the last import stays.
public struct ImportTasks: Sendable {
    /// The format, or nil when the file is to tell it.
    let format: Format?
    /// The file as typed; nil or `-` for standard input.
    let path: String?
    /// Whether tasks that were deleted here come back.
    public var revives = false
    /// Whether nothing is written.
    public var isDryRun = false
    /// Whether nothing is written as soon as anything cannot be taken over as it is.
    public var isStrict = false

    /// What an import has done.
    public struct Result: Sendable {
        /// The ids of the tasks that were made.
        public let created: [String]
        /// The ids of the tasks that were changed.
        public let updated: [String]
        /// How many tasks were the same already.
        public let unchanged: Int
        /// What was not taken over, by what the file calls it, and why.
        public let skipped: [(ref: String, reason: String)]
        /// What was taken over differently from how it was written.
        public let warnings: [String]
        /// The name of the format.
        public let format: String

        /// The documented JSON object.
        public var json: JSON {
            [
                "created": .integer(Int64(created.count)), "updated": .integer(Int64(updated.count)),
                "unchanged": .integer(Int64(unchanged)),
                "skipped": .array(skipped.map { ["ref": .string($0.ref), "reason": .string($0.reason)] }),
                "warnings": .array(warnings.map(JSON.string)),
            ]
        }
    }

    /// Creates the request from what was typed: a format and a file, or one of them alone.
    /// - Throws: `AppError` with code `.invalidArgument` when there is no such format.
    public init(format: String?, path: String?) throws {
        self.format = try format.map(Self.format(named:))
        self.path = path
    }

    /// Whether a word names a format.
    public static func isFormat(_ word: String) -> Bool { Format.named(word.lowercased()) != nil }

    /// Imports the file.
    /// - Parameter standardInput: The next bytes of standard input, none at its end.
    /// - Throws: `AppError`, `StoreError`, `SQLError`.
    public func run(
        in workspace: OpenWorkspace, as caller: Caller, standardInput: () throws -> [UInt8] = { [] }
    ) throws -> Result {
        let reading = try read(in: workspace.environment, standardInput)
        let operation = workspace.operation(LastImport.command, of: caller)
        let workspaceID = workspace.store.installed.workspaceID
        func plan(_ session: some StoreSession) throws -> ImportPlan {
            var plan = ImportPlan(
                reading, workspaceID: workspaceID, environment: workspace.environment, caller: caller,
                now: operation.now)
            try plan.make(revives: revives, in: session)
            if isStrict { try requireNothingLost(plan) }
            return plan
        }
        if isDryRun { return try workspace.store.read { try plan($0).result } }
        return try workspace.perform(operation) { session in
            try session.lockGraph()
            let made = try plan(session)
            try made.write(in: session)
            return made.result
        }
    }

    private func requireNothingLost(_ plan: ImportPlan) throws {
        let findings = plan.skipped + plan.warnings
        guard let first = findings.first else { return }
        throw AppError(
            .conflict,
            "\(findings.count == 1 ? "one thing" : "\(findings.count) things") in \(name) cannot be taken over as written; nothing was imported",
            hint: "The first: \(first)\nWithout --strict the rest is imported, and all of this is told.")
    }
}
