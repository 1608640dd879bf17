import Foundation
import TestSupport
import Testing

/// Every way of libpq's to name a server and to bring a password, as people have them set up already.
@Suite("Connecting to PostgreSQL", .serialized)
struct PostgresConnectionTests {
    /// A role that has to give its password, and a workspace's folder.
    private final class Place {
        let minsky: Minsky
        let role = "secret_\(UInt64.random(in: 0...UInt64.max))"
        let password = "canary-\(UInt64.random(in: 0...UInt64.max))"
        let socket: String
        let address: String
        let port: String

        init() throws {
            minsky = try Minsky()
            socket = try TestStorage.postgresFolder()
            address = try TestStorage.postgresAddress()
            port = try TestStorage.postgresPort()
            // Roles in this group need a password, and may come by TLS.
            try Self.asOwner(
                """
                SELECT pg_advisory_xact_lock(1);
                DO $$ BEGIN CREATE ROLE secrets; EXCEPTION WHEN duplicate_object THEN END $$;
                CREATE ROLE \(role) LOGIN PASSWORD '\(password)' IN ROLE secrets; CREATE SCHEMA \(role) AUTHORIZATION \(role)
                """)
        }

        deinit { try? Self.asOwner("DROP SCHEMA \(role) CASCADE; DROP ROLE \(role)") }

        private static func asOwner(_ sql: String) throws {
            _ = try Process.output(
                "psql", [try TestStorage.postgresURL(), "-qX", "-v", "ON_ERROR_STOP=1", "-1", "-c", sql])
        }

        var url: String { "postgresql://\(role)@/postgres?host=\(socket)&port=\(port)" }
        /// By TCP, which is open with TLS only.
        func remoteURL(_ parameters: String) -> String {
            "postgresql://\(role)@\(address):\(port)/postgres?\(parameters)"
        }
        var certificate: String { socket + "/server.crt" }

        /// Makes a workspace, adds a task and finds it again.
        func use(_ url: String, environment: [String: String] = [:]) throws {
            try minsky.ok("init", "--db-url", url, "--schema", role, environment: environment)
            try minsky.ok("add", "A", environment: environment)
            #expect(try minsky.json("list", environment: environment).titles == ["A"])
            #expect(try !minsky.text(minsky.configuration).contains(password))
        }

        /// What `init` says when it cannot connect; it makes nothing then.
        func refusal(_ url: String, environment: [String: String] = [:]) throws -> Failure {
            let failure = try minsky.failure(
                "init", "--db-url", url, "--schema", role, environment: environment)
            #expect(!failure.message.contains(password))
            #expect(!minsky.exists(minsky.workspace))
            return failure
        }
    }

    @Test func thePasswordComesFromTheEnvironment() throws {
        let place = try Place()
        #expect(try place.refusal(place.url).message.contains("password"))
        #expect(try place.refusal(place.url, environment: ["PGPASSWORD": "wrong"]).message.contains("password"))
        try place.use(place.url, environment: ["PGPASSWORD": place.password])
    }

    @Test func thePasswordComesFromTheUsersFile() throws {
        let place = try Place()
        let file = place.minsky.home + "/.pgpass"
        try place.minsky.write("*:\(place.port):postgres:\(place.role):\(place.password)\n", to: file)
        // A file that others may read is not taken by libpq, which says so by itself.
        let refused = try place.minsky.run("init", "--db-url", place.url, "--schema", place.role)
        #expect(refused.exitCode != 0)
        #expect(refused.errors.contains("group or world access"))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        try place.use(place.url)
    }

    @Test func aServiceFileNamesTheServer() throws {
        let place = try Place()
        try place.minsky.write(
            """
            [work]
            host=\(place.socket)
            port=\(place.port)
            user=\(place.role)
            dbname=postgres
            password=\(place.password)

            """, to: place.minsky.home + "/.pg_service.conf")
        try place.use("postgresql:///?service=work")
        let failure = try Minsky().failure("init", "--db-url", "postgresql:///?service=nowhere")
        #expect(failure.message.contains("nowhere"))
    }

    @Test func theConnectionIsEncryptedAsTheURLAsks() throws {
        let place = try Place()
        let environment = ["PGPASSWORD": place.password]
        #expect(
            try place.refusal(place.remoteURL("sslmode=disable"), environment: environment).message
                .contains("no encryption"))
        // Nobody has vouched for the certificate; then somebody has, for another name.
        #expect(
            try place.refusal(place.remoteURL("sslmode=verify-full"), environment: environment).message
                .contains("root certificate"))
        let other =
            place.remoteURL("sslmode=verify-full&sslrootcert=\(place.certificate)").replacing(
                "@\(place.address):", with: "@localhost:") + "&hostaddr=\(place.address)"
        #expect(try place.refusal(other, environment: environment).message.contains("does not match"))
        try place.use(
            place.remoteURL("sslmode=verify-full&sslrootcert=\(place.certificate)"), environment: environment)
    }

    /// The first of several servers that answers and may be written to.
    @Test func severalServersAreTriedInTurn() throws {
        let place = try Place()
        let url =
            "postgresql://\(place.role)@/postgres?host=/nonexistent,\(place.socket)&port=\(place.port),\(place.port)"
            + "&target_session_attrs=read-write"
        try place.use(url, environment: ["PGPASSWORD": place.password])
    }

    /// pgbouncer in transaction mode.
    @Test func aPoolerMayStandInBetween() throws {
        let minsky = try Minsky()
        let schema = "pooled_\(UInt64.random(in: 0...UInt64.max))"
        defer {
            _ = try? Process.output(
                "psql", [(try? TestStorage.postgresURL()) ?? "", "-qc", "DROP SCHEMA \(schema) CASCADE"])
        }
        try minsky.ok("init", "--db-url", try TestStorage.poolerURL(), "--schema", schema)
        let id = try minsky.add("A", "--tag", "x")
        try minsky.ok("start", id)
        try minsky.ok("undo")
        #expect(try minsky.json("show", id)["status"] == "todo")
        #expect(try minsky.run("doctor").exitCode == 0)
    }
}
