import MinskyAI
import MinskyModel

extension CheckHealth {
    /// Looks at what breaks tasks down: playbooks, and the settings of a model server.
    func modelChecks(_ configuration: Configuration, _ workspace: Workspace?) -> [Check] {
        var checks: [Check] = []
        do {
            let library = try PlaybookLibrary(own: try workspace?.playbooks() ?? [])
            checks.append(
                Check(name: "playbooks", status: .ok, detail: "\(library.playbooks.count) playbooks", remedy: nil))
        } catch {
            let remedy = "Correct that file, or move it away."
            checks.append(Check(name: "playbooks", status: .failed, detail: "\(error)", remedy: remedy))
            if !configuration.usesModelServer {
                let detail = "the built-in planner refuses to work until its playbooks can be read"
                return checks + [Check(name: "model", status: .failed, detail: detail, remedy: remedy)]
            }
        }
        do {
            if configuration.usesModelServer {
                _ = try configuration.chatModel()
                _ = try configuration.chatServer()
            }
            if configuration.usesEmbeddingServer {
                _ = try configuration.embeddingModel()
                _ = try configuration.embeddingServer()
            }
            let detail =
                configuration.usesModelServer ? "a model server is configured" : "offline: the built-in planner"
            checks.append(Check(name: "model", status: .ok, detail: detail, remedy: nil))
        } catch {
            checks.append(
                Check(
                    name: "model", status: .failed, detail: "\(error)",
                    remedy: (error as? AppError)?.hint
                        ?? "minsky config set ai.provider builtin works without a server."))
        }
        return checks
    }
}
