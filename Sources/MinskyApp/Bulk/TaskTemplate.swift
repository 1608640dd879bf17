import MinskyModel
import MinskyStore

/// A list of tasks to be made again and again: `.minsky/templates/NAME.md`.
public struct TaskTemplate: Sendable {
    public let name: String
    public let path: String
    public let text: String

    /// A place in a template that is filled in: `{{version}}`, or `{{version=1.0}}` with what it is when nobody says.
    public struct Blank: Sendable, Hashable {
        public let name: String
        public let usual: String?
    }

    /// The templates of a workspace, by name.
    /// - Throws: `AppError` with code `.file`.
    public static func all(in workspace: Workspace) throws -> [TaskTemplate] {
        try FolderListing.names(in: workspace.templatesPath, ending: ".md").compactMap { file in
            let path = workspace.templatesPath + "/" + file
            return try FileAccess.text(at: path).map {
                TaskTemplate(name: String(file.dropLast(3)), path: path, text: $0)
            }
        }
    }

    /// The template of a name.
    /// - Throws: `AppError` with code `.notFound` that suggests the nearest name.
    public static func named(_ name: String, in workspace: Workspace) throws -> TaskTemplate {
        let all = try all(in: workspace)
        if let template = all.first(where: { $0.name == name }) { return template }
        let near = NearestMatch.of(name, among: all.map(\.name)).map { "Did you mean \($0)?" }
        throw AppError(
            .notFound, "there is no template '\(name)'",
            hint: near ?? "minsky templates lists them; they are files in \(workspace.templatesPath).")
    }

    /// The places to fill in, each once.
    public var blanks: [Blank] {
        var blanks: [Blank] = []
        for match in text.matches(of: Self.blank) {
            let blank = Blank(name: String(match.1), usual: match.2.map { String($0.dropFirst()) })
            if let known = blanks.firstIndex(where: { $0.name == blank.name }) {
                if blanks[known].usual == nil { blanks[known] = blank }
            } else {
                blanks.append(blank)
            }
        }
        return blanks
    }

    /// The template as the documented JSON object.
    public var json: JSON {
        [
            "name": .string(name), "path": .string(path),
            "blanks": .array(blanks.map { ["name": .string($0.name), "default": .optional($0.usual)] }),
        ]
    }

    /// The text with its places filled in.
    /// - Throws: `AppError` with code `.invalidArgument` when something is missing.
    func filled(with values: [String: String]) throws -> String {
        let blanks = blanks
        let missing = blanks.filter { values[$0.name] == nil && $0.usual == nil }.map(\.name)
        guard missing.isEmpty else {
            throw AppError(
                .invalidArgument, "the template \(name) needs \(missing.joined(separator: ", "))",
                hint: "Add " + missing.map { "--set \("\($0)=…".shellQuoted)" }.joined(separator: " "))
        }
        return text.replacing(Self.blank) { match -> String in
            let name = String(match.1)
            return values[name] ?? blanks.first { $0.name == name }?.usual ?? ""
        }
    }

    private static var blank: Regex<(Substring, Substring, Substring?)> {
        #/\{\{\s*([\p{L}\p{N}_.\-]+)\s*(=[^}]*)?\}\}/#
    }
}

extension Workspace {
    public var templatesPath: String { path + "/templates" }
}

/// Adds the tasks of a template, all in one operation.
public struct AddFromTemplate: Sendable {
    public var name: String
    /// The title of the task they are part of, instead of the template's own.
    public var title: String?
    /// What fills in the template's places, and fields of the user's for the tasks at the top: `version=1.2`.
    public var assignments: [String]
    public var fields: TaskEdit
    /// The task they become part of, as typed.
    public var parent: String?

    /// Creates the request.
    public init(
        name: String, title: String? = nil, assignments: [String] = [], fields: TaskEdit = TaskEdit(),
        parent: String? = nil
    ) {
        self.name = name
        self.title = title
        self.assignments = assignments
        self.fields = fields
        self.parent = parent
    }

    /// Adds the tasks.
    /// - Throws: `AppError`, `StoreError`, `SQLError`.
    public func run(in workspace: OpenWorkspace, as caller: Caller) throws -> AddTasks.Result {
        let template = try TaskTemplate.named(name, in: workspace.workspace)
        let blanks = Set(template.blanks.map(\.name))
        let reading = FieldReading(configuration: workspace.configuration, caller: caller)
        var (values, top) = ([String: String](), fields)
        for assignment in assignments {
            let (name, value) = try TaskEdit.parts(of: assignment)
            if blanks.contains(name) {
                values[name] = value
            } else {
                try top.set(assignment: assignment, in: workspace.configuration)
            }
        }
        do {
            let matter = try FrontMatter(try template.filled(with: values))
            var own = TaskEdit()
            var title = title
            for field in matter.fields {
                if field.key.lowercased() == "title" {
                    title = title ?? field.value
                } else if !field.value.isEmpty {
                    do {
                        try reading.set(field.key, to: field.value, in: &own)
                    } catch let error as AppError {
                        throw TextProblem(line: field.line, error.message, hint: error.hint)
                    }
                }
            }
            let outline = try TaskOutline(matter.body, isMarked: true, firstLine: matter.bodyLine, in: reading)
            var nodes = outline.nodes
            if let title {
                let introduction = TaskOutline.Node(
                    title: try TaskEdit.checkedTitle(title), fields: own.merging(top), isDone: false, parent: nil,
                    text: outline.introduction)
                nodes = [introduction] + nodes.map { $0.shifted }
            }
            guard !nodes.isEmpty else {
                throw AppError(
                    .invalidArgument, "the template \(name) has no task",
                    hint:
                        "A task is a line that begins with a dash and a space, or a title between the lines of dashes.")
            }
            let list = try AddTasks.add(nodes, under: parent, in: workspace, as: caller) { place in
                nodes[place].parent == nil && title == nil ? own.merging(top) : TaskEdit()
            }
            return AddTasks.Result(list: list)
        } catch let problem as TextProblem {
            throw problem.error(in: template.path)
        }
    }
}

extension TaskOutline.Node {
    /// The same one level below the first of a list.
    fileprivate var shifted: TaskOutline.Node {
        TaskOutline.Node(title: title, fields: fields, isDone: isDone, parent: parent.map { $0 + 1 } ?? 0, text: text)
    }
}
