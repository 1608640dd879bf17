/// A class of words that belong to one part of life; playbooks name it in angle brackets.
enum WordClass: String, CaseIterable, Sendable {
    /// What programs consist of and run on, and what is inside of them.
    case software
    /// Languages, frameworks and databases that have versions of their own.
    case platform
    /// Companies and products whose services programs use.
    case service
    /// The parts of a home and a garden.
    case house
    /// What people are by profession.
    case role
    /// Languages that people speak.
    case language
    /// Numbers of versions: `v2`, `3.1`.
    case version
    /// What is at home, in the family, on the table, in the wardrobe: no word of it belongs to programs.
    case everyday

    /// The classes of a title's words, each as it was typed and its stem.
    ///
    /// Many words belong to two worlds: a table, a button, a port. Where one word can only be of software, all are read as
    /// such; otherwise one word of everyday life makes the others everyday, too.
    static func of(_ words: [(word: String, stem: String)]) -> [Set<WordClass>] {
        var classes = words.map { of($0.word, stem: $0.stem) }
        // "Java 21"
        for place in words.indices.dropFirst() where classes[place - 1].contains(.platform) {
            if words[place].stem.allSatisfy(\.isNumber) { classes[place].insert(.version) }
        }
        if words.contains(where: { clearStems.contains($0.stem) || isVersion($0.word) || looksLikeCode($0.word) }) {
            for place in classes.indices { classes[place].remove(.everyday) }
        } else if classes.contains(where: { $0.contains(.everyday) }) {
            for place in classes.indices { classes[place].subtract([.software, .platform, .service]) }
        }
        return classes
    }

    private static func of(_ word: String, stem: String) -> Set<WordClass> {
        var classes = byStem[stem] ?? []
        if isVersion(word) { classes.insert(.version) }
        if looksLikeCode(word) { classes.insert(.software) }
        if classes.contains(.house) { classes.insert(.everyday) }
        return classes
    }

    private static let clearStems = Set(clear.split(whereSeparator: \.isWhitespace).map { Words.stem(String($0)) })

    private static let byStem: [String: Set<WordClass>] = {
        var classes: [String: Set<WordClass>] = [:]
        for (name, list) in lists {
            for word in list.split(whereSeparator: \.isWhitespace) {
                classes[Words.stem(String(word)), default: []].insert(name)
            }
        }
        return classes
    }()

    /// `v2`, `3.1`, `v0.9.3`, `3.0-rc1`, but no bare number.
    private static func isVersion(_ word: String) -> Bool {
        let isMarked = word.first == "v" || word.first == "V"
        let digits = (isMarked ? word.dropFirst() : word[...]).prefix { $0 != "-" }
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        return (isMarked || parts.count > 1) && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isNumber) }
    }

    /// `new_checkout`, `OrderService`, `/users`, `--json`, `main.swift`, `run()`.
    private static func looksLikeCode(_ word: String) -> Bool {
        if word.contains("_") || word.hasPrefix("--") || word.contains("()") { return true }
        if word.hasPrefix("/"), word.utf8.count > 1 { return true }
        let letters = Array(word.unicodeScalars)
        if ["Mc", "Mac", "O'", "De", "Di"].contains(where: word.hasPrefix) { return false }
        return zip(letters, letters.dropFirst()).contains { $0.properties.isLowercase && $1.properties.isUppercase }
    }

    /// Words that only people who make or run programs use.
    private static let clear = """
        admin ajax analytics angular ansible api apis app apps aws azure backend bigquery bitbucket browser ci cli \
        cloudflare cms codebase config cron crud css csv database databases datadog dataset db debian decoder deployment \
        devops django dns docker dockerfile elasticsearch encoder encoding favicon fastapi firewall \
        firmware flask frontend gdpr git github gitlab fastapi golang gradle grafana graphql grpc gui heroku html http https hubspot \
        iframe javascript jdk jenkins jira jquery json jwt k8s kafka kotlin kubernetes lambda laravel latency linter linux \
        localhost lockfile logout markdown microservice microservices middleware mongodb monorepo mysql nextjs nginx \
        nodejs npm oauth okta openapi openssl pagination parser pdf php plugin plugins postgres postgresql prod rails readme \
        redis regex repo repos repository rollback runtime saas salesforce sdk sentry server servers signup snowflake \
        software spreadsheet sql sqlite ssh ssl sso staging stripe subdomain supabase svelte symfony syntax tailwind \
        terraform timestamp timezone tls tooltip tsx twilio typescript ubuntu ui unicode url urls utf validator \
        vpn vue web webapp webhook webhooks webpack website websites websocket widget wordpress xcode xml yaml zendesk
        """

    private static let lists: [WordClass: String] = [
        .everyday: everydayWords,
        .software: """
        account accounts admin admins ajax alert alerts analytics api app applet application apps archive attachment \
        avatar backend backup backups banner blog bot breadcrumb browser build button cache calendar captcha cart \
        catalog catalogue chart chatbot checkbox checkout ci class cli client clipboard cloud cluster cms code \
        codebase column comment comments commit component config configuration container cookie coupon crawler cron \
        crm css csv currency currencies customer customers daemon dashboard data database dataset datastore db deployment \
        desktop developer device dialog discount dns docker docs domain dropdown editor email emails encoder decoder \
        encoding endpoint engine event-bus export exporter favicon favorites favourites feature features feed field \
        fields file files filter filters firewall firmware folder footer form forms framework frontend function \
        gateway gateways git graph grid gui handler hardware header homepage hook host html http https icon identifier image \
        images import importer inbox index indexer infrastructure input integration interface inventory invoice \
        invoices iframe javascript job jobs json key keyboard kernel landing latency layout library link links \
        linter linux list listing loader localhost log logging login logout logs mailer map maps markdown memory menu \
        message messages metric metrics microservice middleware migration mobile modal model module modules navbar seo linting \
        monitoring monorepo navigation network newsletter node notification notifications oauth object offline order \
        orders package pagination page pages pagination parser password passwords pdf permission permissions picker \
        pipeline platform player plugin plugins popup portal preview pricing process prod product products profile program \
        prompt proxy push qr query queries queue queues receipt record records recurring redirect referral registry \
        reminder reminders render renderer report reports repo repository repositories request response rest \
        rollback route router routes runner runtime scheduler schema screen screens scroll script sdk search section \
        server servers service services session sessions settings shop sidebar signup site sitemap sms snapshot socket \
        software spreadsheet sql ssh ssl sso stack staging stock storage store stream subdomain subscription \
        subscriptions sync syntax system systems tab table tables tag tagging tags task tasks template templates \
        tenant terminal test tests theme thread ticket tickets timeline timestamp timezone tls toggle token tokens \
        toolbar tooltip tracker tracking transaction transactions translation translations trigger ui undo redo \
        unicode upload uploads url user users utf validation validator validators vault vector version video view \
        views virtual vpn warehouse web webapp webhook webhooks website websites websocket widget widgets window \
        wishlist workflow worker workflows workspace xml yaml zip
        """,
        .platform: """
        android angular ansible axios bootstrap debian dependency django docker dotnet elasticsearch electron eslint express flask \
        flutter gcc fastapi golang gradle hibernate ios java jdk jest jquery junit k8s kotlin kubernetes laravel linux llvm maven \
        mongodb mysql nextjs nginx node nodejs npm nuxt openssl pandas php postgres prettier prisma postgresql python rails react redis ruby \
        rust scala sdk spring sqlite svelte swift symfony tailwind terraform typescript ubuntu vite vue webpack xcode
        """,
        .service: """
        adyen airtable amazon asana auth0 aws azure bitbucket cloudflare confluence crm datadog datev dhl discord \
        dropbox ebay ebays facebook fedex github gitlab google hetzner heroku hubspot instagram intercom jira klarna \
        linkedin mailchimp mastodon microsoft mixpanel netsuite notion okta outlook paypal quickbooks s3 salesforce sap \
        segment sendgrid sentry shopify slack snowflake spotify square stripe supabase teams telegram trello twilio \
        ups wechat whatsapp woocommerce wordpress xero youtube zapier zendesk zoom
        """,
        .house: """
        apartment attic balcony basement bath bathroom bedroom bookcase bookshelf cabinet cabinets cellar ceiling chimney closet coop deck door \
        doors driveway drywall faucet fence fireplace flat floor floors flooring garage garden gate gutter gutters \
        hallway heating house insulation kitchen laundry nursery pantry parquet patio pergola pipe pipes \
        plaster plumbing porch radiator roof room rooms shed shelf shelves shower shutters sink skylight stairs \
        staircase tap terrace tile tiles toilet treehouse wall walls wardrobe wiring yard
        """,
        .role: """
        accountant administrator agent analyst apprentice architect assistant barista bookkeeper carpenter caretaker \
        cashier chef clerk consultant controller cook copywriter counsel designer developer devops director driver \
        editor electrician engineer freelancer gardener intern janitor lawyer lead lecturer manager marketer mechanic \
        nurse nurses officer operator paralegal pharmacist physician postdoc producer professor programmer \
        receptionist recruiter representative researcher rep salesperson scientist secretary seller specialist \
        supervisor teacher technician tester trainee tutor volunteer waiter writer
        """,
        .language: """
        arabic chinese czech danish dutch english finnish french german greek hebrew hindi hungarian italian japanese \
        korean latin mandarin norwegian polish portuguese russian spanish swedish turkish
        """,
    ]
}
